### The pages that mailed links open.

# The pages that mailed links open: what their one button does.
link-nothing-happens = Si vous n’avez rien demandé, fermez la page : il ne se passe rien.
link-verify-email-heading = Confirmez votre adresse e-mail
link-verify-email-text = Appuyez sur le bouton pour confirmer que cette adresse est la vôtre.
link-verify-email-button = Confirmer mon adresse
link-verify-email-password = Votre mot de passe : celui que vous avez choisi, ou un nouveau d’au moins { $min } caractères
link-verify-email-password-hint = Vous ne vous êtes pas inscrit dans ce navigateur ; seul compte donc le mot de passe que vous saisissez ici. Sans saisie, vous le choisirez à la page suivante.
link-magic-link-heading = Se connecter
link-magic-link-text = Appuyez sur le bouton pour vous connecter avec cette adresse :
link-magic-link-button = Se connecter
link-magic-link-otherwise = Si vous n’avez rien demandé, ou si l’adresse n’est pas la vôtre, fermez la page : il ne se passe rien.
link-allow-email-change-heading = Autoriser le changement de votre adresse e-mail
link-allow-email-change-text = Une personne connectée à votre compte a demandé l’adresse indiquée dans le message. Si c’était vous, appuyez sur le bouton : un message sera ensuite envoyé à cette adresse.
link-allow-email-change-button = Autoriser le changement
link-allow-email-change-otherwise = Si vous n’avez rien demandé, fermez la page : il ne se passe rien. Choisissez ensuite un nouveau mot de passe, ce qui déconnecte toutes les personnes connectées à votre compte.
link-undo-email-change-heading = Reprenez votre adresse e-mail
link-undo-email-change-text = Appuyez sur le bouton si ce n’est pas vous qui avez changé l’adresse de votre compte. Cette adresse redevient valable, le mot de passe est celui d’avant le changement, tout le monde est déconnecté, et tout ce qui a suivi le changement prend fin.
link-undo-email-change-button = Annuler le changement
link-undo-email-change-otherwise = Si vous avez changé l’adresse vous-même, fermez la page : il ne se passe rien.
link-delete-user-heading = Supprimer votre compte
link-delete-user-text = Votre compte et tout ce qu’il contient disparaîtront, et vous serez déconnecté partout. C’est définitif.
link-delete-user-button = Supprimer mon compte
link-choose-password-heading = Choisissez un nouveau mot de passe
link-new-password = Votre nouveau mot de passe, d’au moins { $min } caractères
link-set-password = Enregistrer mon mot de passe
link-choose-password-otherwise = Toutes les personnes connectées à votre compte seront déconnectées. Si vous n’avez rien demandé, fermez la page : il ne se passe rien.
link-request-reset-heading = Choisir un nouveau mot de passe
link-request-reset-text = Un lien pour choisir un nouveau mot de passe vous est envoyé par e-mail :
link-email = Votre adresse e-mail
link-request-reset-button = Envoyer un lien
link-verify-email-again = Si votre adresse est déjà confirmée, connectez-vous simplement. Sinon, demandez un nouveau message :
link-verify-email-again-button = Envoyer un nouveau message
link-invitation-title = Vous êtes invité
link-invitation-heading = Vous êtes invité à rejoindre { $organization }
link-invitation-text = { $inviter } invite { $email }, comme { $role }.
link-invitation-button = Rejoindre { $organization }
link-invitation-otherwise = Si vous ne savez pas de quoi il s’agit, fermez la page : il ne se passe rien.
link-invitation-sign-in = Connectez-vous avec l’adresse { $email } dans ce navigateur, puis ouvrez de nouveau le lien du message.
link-invitation-no-account = Vous n’avez pas encore de compte ? Inscrivez-vous avec cette adresse.
link-invitation-sign-up = S’inscrire

# What pressing the button led to.
link-sign-in = Se connecter
link-go-on = Continuer
link-close-page = Vous pouvez fermer cette page.
link-email-verified-heading = Votre adresse est confirmée
link-email-verified-text = Vous pouvez fermer cette page et vous connecter.
link-signed-in-heading = Vous êtes connecté
link-signed-in-text = Vous êtes connecté. Continuez, ou fermez cette page.
link-mailbox-heading = Consultez votre boîte aux lettres
link-verification-sent-text = Si cette adresse appartient à un compte qui n’est pas encore confirmé, un nouveau message est en route. Cela peut prendre une minute.
link-reset-sent-text = Si cette adresse appartient à un compte, un message avec un lien est en route. Cela peut prendre une minute.
link-email-changed-heading = Votre nouvelle adresse est valable
link-email-changed-text = Connectez-vous désormais avec celle-ci. Vous pouvez fermer cette page.
link-email-taken = Cette adresse est désormais utilisée. Votre compte garde la sienne.
link-email-change-allowed-heading = Le changement est autorisé
link-email-change-allowed-text = Un message a été envoyé à la nouvelle adresse. Ouvrez le lien qu’il contient ; d’ici là, l’ancienne adresse reste valable. Vous pouvez fermer cette page.
link-user-deleted-heading = Votre compte est supprimé
link-user-deleted-text = Vous êtes déconnecté partout. Vous pouvez fermer cette page.
link-password-set-heading = Votre nouveau mot de passe est enregistré
link-password-set-text = Toutes les personnes connectées à votre compte sont déconnectées. Connectez-vous avec le nouveau mot de passe.
link-organization-joined-heading = Vous êtes membre à présent
link-organization-joined-text = Continuez, ou fermez cette page.
link-email-change-undone-heading = Vous avez retrouvé votre adresse e-mail
link-email-change-undone-text = Le changement est annulé, et toutes les personnes connectées à votre compte sont déconnectées. Votre mot de passe est celui d’avant le changement. Quelqu’un d’autre le connaît peut-être : choisissez-en un nouveau maintenant.

# Why a link did not work, and what follows from that.
link-failed-title = Le lien n’a pas fonctionné
link-failed-heading = Cela n’a pas fonctionné
link-broken = Ce lien est incomplet ou a été modifié en chemin.
link-used = Ce lien a déjà servi, ou un plus récent a été envoyé.
link-used-or-expired = Ce lien a déjà servi, a expiré, ou un plus récent a été envoyé.
link-expired = Ce lien a expiré.
link-not-an-address = Cela ne ressemble pas à une adresse e-mail.
link-address-taken = Un autre compte utilise désormais cette adresse.
link-last-owner = Vous êtes seul propriétaire d’une organisation qui a d’autres membres. Donnez-lui d’abord un autre propriétaire, ou supprimez-la.
link-deletion-failed-text = Si votre compte existe encore, demandez de nouveau sa suppression en étant connecté.
link-email-change-failed-text = Si quelqu’un d’autre a pris votre compte, écrivez aux responsables de ce site.
link-magic-link-failed-text = Demandez-en un autre là où vous vous connectez.
link-invitation-failed-text = Demandez une autre invitation à la personne qui vous a invité.

# Why a sign-in through another service came to nothing, by its code.
link-oauth-account_not_linked = Cette adresse e-mail a déjà un compte. Connectez-vous-y comme auparavant, avec une adresse confirmée, et associez-y ce moyen de connexion.
link-oauth-email_not_verified = Votre adresse e-mail n’est pas encore confirmée. Ouvrez dans ce navigateur le lien du message que nous y avons envoyé, puis connectez-vous de nouveau.
link-oauth-signup_disabled = Il n’y a pas de compte pour vous, et il n’est pas possible d’en créer ici.
link-oauth-email_domain_not_allowed = Il n’y a pas de compte pour vous. Les comptes d’ici ont des adresses e-mail d’autres domaines.
link-oauth-email_not_found = Votre compte là-bas ne montre pas d’adresse e-mail. Autorisez-le à la montrer, ou connectez-vous autrement.
link-oauth-email_does_not_match = Ce compte a une autre adresse e-mail que le vôtre ici ; il n’a pas été associé.
link-oauth-account_already_linked_to_different_user = Ce compte est déjà associé à celui de quelqu’un d’autre ici.
link-oauth-unable_to_link_account = Vous n’êtes plus connecté comme au début. Connectez-vous et réessayez.
link-oauth-access_denied = Vous n’avez pas autorisé la connexion.
link-oauth-temporarily_unavailable = Le service avec lequel vous vous connectez ne répond pas. Réessayez dans quelques minutes.
link-oauth-state_mismatch = Cette connexion a pris trop de temps, était déjà terminée ou a commencé dans un autre navigateur. Recommencez.
link-oauth-two_factor_required = Votre compte demande en plus un code. Il n’y a pas de page pour cela ici ; connectez-vous depuis celle qui en a une.
link-oauth-BANNED_USER = Ce compte est fermé.
link-oauth-other = La connexion n’a pas fonctionné. Réessayez.
