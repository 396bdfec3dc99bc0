### Mails. A paragraph of a text ends at an empty line; single line breaks do not count. Buttons also stand before the
### link in the plain text of a mail, with a colon. $app is the name of the site, $expiry a duration.

mail-greeting = Bonjour,
mail-greeting-name = Bonjour { $name },
mail-link-fallback = Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur :

# In plain text.
mail-fact = { $label } : { $value }
mail-link = { $label } :

mail-verify-email-subject = Confirmez votre adresse e-mail pour { $app }
mail-verify-email-text = Veuillez confirmer que cette adresse e-mail est bien la vôtre, afin de pouvoir vous connecter à { $app }. Le lien est valable une seule fois, pendant { $expiry }.
mail-verify-email-button = Confirmer mon adresse
mail-verify-email-note = Vous ne vous êtes pas inscrit ? Quelqu’un a sans doute fait une faute de frappe, et vous pouvez ignorer ce message : sans le lien, personne ne peut utiliser votre adresse.

mail-welcome-subject = Votre compte chez { $app }
mail-welcome-text = Un compte a été créé pour vous chez { $app }. Choisissez le mot de passe avec lequel vous vous connecterez. Le lien est valable une seule fois, pendant { $expiry }.
mail-welcome-button = Choisir un mot de passe
mail-welcome-note = Vous ne savez pas de quoi il s’agit ? Ignorez ce message : personne ne peut se connecter à ce compte sans avoir accès à cette messagerie.

mail-account-exists-subject = Vous avez déjà un compte chez { $app }
mail-account-exists-text = Quelqu’un, probablement vous, vient d’essayer de s’inscrire chez { $app } avec cette adresse e-mail. Vous avez déjà un compte : il vous suffit de vous connecter.
mail-account-exists-button = Se connecter
mail-account-exists-note = Ce n’était pas vous ? Vous n’avez rien à faire : votre compte et votre mot de passe sont inchangés, et la personne n’a pas appris que vous avez un compte.

mail-reset-password-subject = Choisissez un nouveau mot de passe pour { $app }
mail-reset-password-text = Quelqu’un, probablement vous, a demandé un nouveau mot de passe pour { $app }. Le lien est valable une seule fois, pendant { $expiry }.
mail-reset-password-button = Choisir un nouveau mot de passe
mail-reset-password-note = Vous n’avez rien demandé ? Ignorez ce message : votre mot de passe reste le même, et personne ne peut le changer sans ce lien.

mail-password-changed-subject = Votre mot de passe pour { $app } a été changé
mail-password-changed-text =
    Le mot de passe de votre compte chez { $app } vient d’être changé. Si c’était vous, vous n’avez rien à faire.

    Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe. Toutes les personnes connectées à votre compte seront alors déconnectées.
mail-password-changed-button = Choisir un nouveau mot de passe
mail-password-changed-note = Vérifiez ensuite que votre messagerie est sûre, elle aussi.

mail-change-email-subject = Confirmez votre nouvelle adresse e-mail pour { $app }
mail-change-email-text = Veuillez confirmer que votre compte chez { $app } doit désormais utiliser cette adresse e-mail. Le lien est valable une seule fois, pendant { $expiry }.
mail-change-email-button = Utiliser cette adresse
mail-change-email-note = Vous n’y avez pas de compte, ou vous n’avez rien demandé ? Quelqu’un a sans doute fait une faute de frappe, et vous pouvez ignorer ce message : rien ne change.

mail-email-change-requested-subject = Demande de changement de votre adresse e-mail pour { $app }
mail-email-change-requested-text =
    Quelqu’un – vous, nous l’espérons – a demandé que votre compte chez { $app } utilise une autre adresse e-mail : { $email }

    Tant que cette adresse n’est pas confirmée, l’adresse actuelle reste valable. Si c’était vous, vous n’avez rien à faire ici.

    Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe. La demande sera annulée, et toutes les personnes connectées à votre compte seront déconnectées.
mail-email-change-requested-button = Choisir un nouveau mot de passe
mail-email-change-requested-note = Sans ce lien, ce message ne change rien.

mail-email-changed-subject = Votre adresse e-mail pour { $app } a été changée
mail-email-changed-text = Votre compte chez { $app } utilise désormais une autre adresse e-mail. Celle-ci n’y donne plus accès, et ce message est le dernier que vous y recevez. Si c’était vous, vous n’avez rien à faire.
mail-email-changed-button = Aller à { $app }
mail-email-changed-note = Si ce n’était pas vous, écrivez tout de suite aux responsables de { $app }.

mail-consent-email-change-subject = Autoriser une autre adresse e-mail pour { $app } ?
mail-consent-email-change-text =
    Une personne connectée à votre compte chez { $app } a demandé qu’il utilise une autre adresse e-mail : { $email }

    Si c’était vous, ouvrez le lien et autorisez le changement. Il est valable une seule fois, pendant { $expiry }.
mail-consent-email-change-button = Autoriser le changement
mail-consent-email-change-note = Si ce n’était pas vous, n’ouvrez pas le lien et choisissez tout de suite un nouveau mot de passe : toutes les personnes connectées à votre compte seront déconnectées.

mail-email-changed-with-undo-subject = Votre adresse e-mail pour { $app } a été changée
mail-email-changed-with-undo-text =
    Votre compte chez { $app } utilise désormais une autre adresse e-mail, et celle-ci n’y donne plus accès. Si c’était vous, vous n’avez rien à faire.

    Si ce n’était pas vous, reprenez votre compte. Pendant 7 jours, le lien annule le changement et tout ce qui s’en est suivi.
mail-email-changed-with-undo-button = Annuler le changement
mail-email-changed-with-undo-note = C’était vous ? Ignorez ce message, et n’ouvrez pas le lien.

mail-email-change-undone-subject = Un changement d’adresse e-mail pour { $app } a été annulé
mail-email-change-undone-text = Un compte chez { $app } utilisait cette adresse e-mail ; le changement a été annulé depuis l’adresse précédente. Cette adresse ne donne plus accès à ce compte.
mail-email-change-undone-button = Aller à { $app }
mail-email-change-undone-note = Si vous ne vous y attendiez pas, écrivez aux responsables de { $app }.

mail-delete-user-subject = Supprimer votre compte chez { $app } ?
mail-delete-user-text = Vous avez demandé la suppression de votre compte chez { $app }, avec tout ce qu’il contient. C’est irréversible. Le lien est valable une seule fois, pendant { $expiry }.
mail-delete-user-button = Supprimer mon compte
mail-delete-user-note = Vous n’avez rien demandé ? N’ouvrez pas le lien, et changez votre mot de passe : quelqu’un est connecté à votre compte.

mail-user-deleted-subject = Votre compte chez { $app } a été supprimé
mail-user-deleted-text = Votre compte chez { $app } a été supprimé, et vous êtes déconnecté partout. Ceci est le dernier message à ce sujet.
mail-user-deleted-button = Aller à { $app }
mail-user-deleted-note = Si ce n’était pas vous, écrivez aux responsables de { $app }.

mail-failed-sign-ins-subject = Nombreux échecs de connexion à votre compte chez { $app }
mail-failed-sign-ins-text =
    Quelqu’un a essayé de nombreuses fois de suite de se connecter à votre compte chez { $app } avec un mauvais mot de passe. D’autres tentatives sont refusées pendant un moment.

    Les personnes déjà connectées le restent. Si c’était vous et que vous avez oublié votre mot de passe, choisissez-en un nouveau : cela met aussi fin à l’attente.
mail-failed-sign-ins-button = Choisir un nouveau mot de passe
mail-failed-sign-ins-note = Si ce n’était pas vous, vous n’avez rien à faire, tant que vous n’utilisez ce mot de passe nulle part ailleurs.

mail-new-device-subject = Nouvelle connexion à votre compte chez { $app }
mail-new-device-text = Quelqu’un, probablement vous, vient de se connecter à votre compte chez { $app } avec un appareil que nous ne connaissions pas :
mail-new-device-button = Ouvrir { $app }
mail-new-device-note = C’était vous ? Vous n’avez rien à faire. Ce n’était pas vous ? Quelqu’un d’autre peut alors se connecter à votre place : choisissez tout de suite un autre mot de passe, et déconnectez les autres appareils.
mail-device = Appareil
mail-place = Lieu
mail-time = Date

mail-code-sign-in-subject = Votre code pour vous connecter à { $app }
mail-code-sign-in-text = Avec ce code, vous vous connectez à { $app } :
mail-code-verify-email-subject = Votre code pour confirmer votre adresse e-mail pour { $app }
mail-code-verify-email-text = Avec ce code, vous confirmez que cette adresse e-mail est bien la vôtre chez { $app } :
mail-code-reset-password-subject = Votre code pour choisir un nouveau mot de passe pour { $app }
mail-code-reset-password-text = Avec ce code, vous choisissez un nouveau mot de passe pour votre compte chez { $app } :
mail-code-change-email-subject = Votre code pour confirmer votre nouvelle adresse e-mail pour { $app }
mail-code-change-email-text = Avec ce code, vous confirmez que cette adresse e-mail est votre nouvelle adresse chez { $app } :
mail-code-note =
    Il est valable une seule fois, pendant { $expiry }. Saisissez-le sur la page qui l’a demandé, et ne le donnez à personne : qui le possède peut agir à votre place.

    Vous ne l’avez pas demandé ? Quelqu’un a sans doute fait une faute de frappe, et vous pouvez ignorer ce message : sans le code, il ne se passe rien.

mail-magic-link-subject = Connectez-vous à { $app }
mail-magic-link-text = Avec ce lien, vous vous connectez à { $app }. Il est valable une seule fois, pendant { $expiry }.
mail-magic-link-button = Se connecter
mail-magic-link-note = Vous ne l’avez pas demandé ? Quelqu’un a sans doute fait une faute de frappe, et vous pouvez ignorer ce message : sans le lien, personne n’accède à votre compte.

mail-two-factor-code-subject = Votre code pour { $app }
mail-two-factor-code-text = Saisissez ce code pour continuer chez { $app }. Il est valable pendant { $expiry }.
mail-two-factor-code-button = Ouvrir { $app }
mail-two-factor-code-note = Si vous n’avez pas demandé de code, quelqu’un connaît peut-être votre mot de passe : choisissez-en un autre. Personne travaillant pour { $app } ne vous demandera jamais un code.

mail-two-factor-enabled-subject = L’authentification à deux facteurs pour { $app } est activée
mail-two-factor-enabled-text =
    L’authentification à deux facteurs est activée pour votre compte chez { $app } : la connexion demande désormais un code en plus du mot de passe. Si c’est vous qui l’avez configurée, vous n’avez rien à faire. Gardez vos codes de secours en lieu sûr.

    Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe. Toutes les personnes connectées à votre compte seront alors déconnectées.
mail-two-factor-enabled-button = Choisir un nouveau mot de passe
mail-two-factor-enabled-note = Écrivez ensuite aux responsables de ce site : eux seuls peuvent désactiver une authentification à deux facteurs que quelqu’un d’autre a configurée.

mail-two-factor-disabled-subject = L’authentification à deux facteurs pour { $app } est désactivée
mail-two-factor-disabled-text =
    L’authentification à deux facteurs est désactivée pour votre compte chez { $app } : le mot de passe suffit de nouveau pour se connecter. Si c’est vous qui l’avez désactivée, vous n’avez rien à faire.

    Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe. Toutes les personnes connectées à votre compte seront alors déconnectées.
mail-two-factor-disabled-button = Choisir un nouveau mot de passe
mail-two-factor-disabled-note = Connectez-vous ensuite et configurez de nouveau l’authentification à deux facteurs.

mail-backup-code-used-subject = Un code de secours pour { $app } a été utilisé
mail-backup-code-used-text =
    Un code de secours de votre compte chez { $app } vient d’être utilisé à la place de votre second facteur. Il ne fonctionne plus. Codes restants : { $left }. Si c’était vous, vous n’avez rien à faire.

    Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe. Toutes les personnes connectées à votre compte seront alors déconnectées.
mail-backup-code-used-button = Choisir un nouveau mot de passe
mail-backup-code-used-note = Remplacez ensuite vos codes de secours.

mail-backup-codes-replaced-subject = Vos codes de secours pour { $app } ont été remplacés
mail-backup-codes-replaced-text =
    Les codes de secours de votre compte chez { $app } ont été remplacés. Les anciens ne fonctionnent plus. Si c’était vous, vous n’avez rien à faire.

    Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe. Toutes les personnes connectées à votre compte seront alors déconnectées.
mail-backup-codes-replaced-button = Choisir un nouveau mot de passe
mail-backup-codes-replaced-note = Remplacez ensuite une nouvelle fois vos codes de secours.

mail-passkey-added-subject = Une clé d’accès a été ajoutée à votre compte chez { $app }
mail-passkey-added-text =
    Une clé d’accès a été ajoutée à votre compte chez { $app }. Elle permet de se connecter sans mot de passe et sans second facteur. Si c’était vous, vous n’avez rien à faire.

    Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe. Toutes les personnes connectées à votre compte seront alors déconnectées.
mail-passkey-added-button = Choisir un nouveau mot de passe
mail-passkey-added-note = Connectez-vous ensuite et supprimez la clé d’accès : un nouveau mot de passe ne la supprime pas.

mail-passkey-removed-subject = Une clé d’accès de votre compte chez { $app } a été supprimée
mail-passkey-removed-text =
    Une clé d’accès de votre compte chez { $app } a été supprimée et ne permet plus de se connecter. Si c’était vous, vous n’avez rien à faire.

    Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe. Toutes les personnes connectées à votre compte seront alors déconnectées.
mail-passkey-removed-button = Choisir un nouveau mot de passe
mail-passkey-removed-note = Connectez-vous ensuite et ajoutez de nouveau une clé d’accès.

mail-organization-invitation-subject = Invitation : { $organization } chez { $app }
mail-organization-invitation-text = { $inviter } vous invite chez { $app } à devenir membre : { $organization }. Vous pouvez accepter l’invitation pendant { $expiry }.
mail-organization-invitation-button = Voir l’invitation
mail-organization-invitation-note = Vous ne savez pas de quoi il s’agit ? Ignorez ce message : personne ne peut accepter l’invitation sans avoir accès à cette messagerie.
# Stands for $organization where its name could be taken for a link.
mail-organization-invitation-unnamed = une organisation
