### The pages of one's own account.

## Navigation and what pages share.

account-settings = Profil
account-security = Sécurité
account-api-keys = Clés d’API
account-organizations = Organisations
account-data = Vos données
account-not-taken = Cette saisie ne peut pas être utilisée ici.
last-used = Dernière utilisation le { $time }
never-used = Jamais utilisée
created = Créée le { $day }
copy = Copier
copied = Copié
one-a-line = Un élément par ligne.

## What went well.

account-said-saved = Enregistré.
account-said-email-asked = Un e-mail est en route. L’ancienne adresse reste valable jusqu’à la confirmation de la nouvelle.
account-said-email-changed = Votre nouvelle adresse est confirmée.
account-said-email-verified = Votre adresse est confirmée.
account-said-verification-sent = Un e-mail avec un lien est en route.
account-said-password-changed = Votre nouveau mot de passe est enregistré.
account-said-session-ended = Cet appareil est déconnecté.
account-said-sessions-ended = Vos autres appareils sont déconnectés.
account-said-linked = Compte associé.
account-said-unlinked = L’association est supprimée.
account-said-passkey-added = La clé d’accès est ajoutée.
account-said-passkey-removed = La clé d’accès est supprimée.
account-said-two-step-on = L’authentification à deux facteurs est activée. Gardez vos codes de secours en lieu sûr.
account-said-two-step-off = L’authentification à deux facteurs est désactivée.
account-said-device-ended = La prochaine connexion sur cet appareil demandera de nouveau un code.
account-said-api-key-deleted = La clé est supprimée.
account-said-organization-made = L’organisation est créée. Invitez maintenant ses membres.
account-said-invitation-accepted = Bienvenue ! Vous êtes maintenant membre.
account-said-invitation-rejected = L’invitation est refusée.
account-said-org-active = Vous travaillez maintenant dans cette organisation.
account-said-org-rename = Enregistré.
account-said-org-invite = L’invitation est en route.
account-said-org-cancel = L’invitation est annulée.
account-said-org-member-removed = Le membre est retiré.
account-said-org-leave = Vous avez quitté l’organisation.
account-said-org-delete = L’organisation est supprimée.
account-said-deletion-mailed = Un e-mail avec un lien est en route. Votre compte sera supprimé lorsque vous ouvrirez ce lien et confirmerez.

## A fresh proof of who somebody is.

prove-title = Avant de continuer
prove-heading = Confirmez votre identité
prove-text = Votre connexion remonte à un moment. Saisissez de nouveau votre mot de passe pour continuer.
prove-show = Saisir le mot de passe
prove-again-text = Votre connexion remonte à un moment. Connectez-vous de nouveau pour continuer.
prove-again = Se reconnecter
prove-code-text = Cette action demande votre second facteur : un code de votre application ou un code de secours.
prove-code = Saisir un code
prove-set-up-text = Cette action demande l’authentification à deux facteurs. Configurez-la d’abord.

## Settings.

account-profile = À propos de vous
account-picture = Photo
account-picture-now = Votre photo
account-picture-new = Nouvelle photo
account-picture-hint = PNG, JPEG, WebP ou GIF, jusqu’à { $size } Ko.
account-picture-send = Utiliser cette photo
account-picture-remove = Supprimer la photo
account-picture-no-picture = Ce fichier n’est pas une image PNG, JPEG, WebP ou GIF, ou il est trop volumineux.
account-email-verified = confirmée
account-email-unverified = non confirmée
account-email-now = Votre adresse
account-email-new = Nouvelle adresse e-mail
account-email-hint = Vous la confirmerez avec le lien d’un e-mail envoyé à la nouvelle adresse.
account-email-change = Changer d’adresse
account-email-consent = Vous avez demandé à utiliser { $email }. Autorisez ce changement avant le { $until }, avec le lien de l’e-mail envoyé à votre adresse actuelle.
account-email-proof = Vous avez demandé à utiliser { $email }. Confirmez ce changement avant le { $until }, avec le lien de l’e-mail envoyé à cette adresse.
account-language-text = La langue de ces pages et des e-mails qui vous sont envoyés.

## Security.

password-change = Changer le mot de passe
password-end-others = Se déconnecter de tous les autres appareils
password-first-text = Vous n’avez pas encore de mot de passe. Avec un mot de passe, vous pouvez aussi vous connecter avec votre adresse e-mail.
sessions = Vos connexions
sessions-text = Si vous n’en reconnaissez pas une, déconnectez-la et changez de mot de passe.
sessions-device = { $browser } sur { $os }
sessions-unknown-device = Appareil inconnu
sessions-current = cet appareil
sessions-since = Connexion le { $time }
sessions-end = Déconnecter
sessions-end-others = Se déconnecter partout ailleurs
identities = Comptes associés
identities-text = Ils vous permettent aussi de vous connecter.
identities-since = Associé depuis le { $day }
identities-link = Associer
identities-unlink = Supprimer
identities-unlink-heading = Supprimer { $provider } ?
identities-unlink-text = Vous ne pourrez plus vous connecter avec { $provider }. Votre compte est conservé.
identities-failed = L’association n’a pas fonctionné. Ce compte appartient peut-être déjà à quelqu’un d’autre ici.
passkeys = Clés d’accès
passkeys-text = Avec une clé d’accès, vous vous connectez avec votre empreinte, votre visage ou le code de votre appareil, sans mot de passe.
passkeys-none = Vous n’en avez pas encore.
passkey-name = Nom de la clé d’accès
passkey-name-hint = Pour la reconnaître, par exemple « Ordinateur du bureau ».
passkey-unnamed = Clé d’accès sans nom
passkey-synced = synchronisée
passkey-add = Ajouter une clé d’accès
passkey-add-failed = La clé d’accès n’a pas été ajoutée. Réessayez.
passkey-needs-script = L’ajout d’une clé d’accès nécessite JavaScript, que ce navigateur n’exécute pas ici.
passkey-manage = Gérer
passkey-rename = Renommer
passkey-remove = Supprimer la clé d’accès
passkey-remove-text = Vous ne pourrez plus vous connecter avec elle. Supprimez-la aussi de votre appareil.
two-step = Authentification à deux facteurs
two-step-text = Après le mot de passe, la connexion demande un code. Un mot de passe volé ne suffit plus.
two-step-on = activée
two-step-off = désactivée
two-step-set-up = Configurer l’authentification à deux facteurs
two-step-begin-text = Gardez votre téléphone à portée de main.
two-step-way = D’où viennent les codes
two-step-way-app = Une application d’authentification
two-step-way-mail = Des e-mails envoyés à mon adresse
two-step-scan = 1. Scannez ceci avec votre application
two-step-scan-text = Toute application d’authentification le lit avec l’appareil photo.
two-step-qr = Code QR pour votre application d’authentification
two-step-by-hand = Ou saisissez ceci dans l’application :
two-step-codes-heading = Vos codes de secours
two-step-codes-text = Imprimez-les ou notez-les maintenant : ils ne s’affichent qu’une fois. Chacun sert à une connexion lorsque votre téléphone n’est pas là.
two-step-prove = Saisissez le premier code
two-step-confirm = Activer
two-step-again = Recommencer
two-step-codes = Nouveaux codes de secours
two-step-codes-ask = Les codes actuels ne fonctionneront plus. Vos autres appareils seront déconnectés.
two-step-disable = Désactiver l’authentification à deux facteurs
two-step-disable-text = Votre mot de passe suffira alors pour ouvrir votre compte. Vos autres appareils seront déconnectés.
devices = Appareils de confiance
devices-text = Sur ces appareils, la connexion ne demande pas de code.
devices-none = Il n’y en a aucun.
devices-until = De confiance jusqu’au { $day }
devices-end = Redemander un code

## API keys.

api-keys = Vos clés
api-keys-text = Avec une clé, un programme peut agir pour vous.
api-keys-none = Vous n’en avez pas encore.
api-keys-new = Nouvelle clé
api-keys-name = Nom de la clé
api-keys-name-hint = Pour la reconnaître, par exemple « Script de sauvegarde ».
api-keys-lasts = Durée de validité
api-keys-lasting = Jusqu’à ce que je la supprime
api-keys-make = Créer la clé
api-keys-may = Les nouvelles clés permettent : { $scopes }
api-keys-scopes = Permet : { $scopes }
api-keys-until = Valable jusqu’au { $day }
api-keys-disabled = désactivée
api-keys-disable = Désactiver
api-keys-enable = Activer
api-keys-delete = Supprimer
api-keys-delete-heading = Supprimer cette clé ?
api-keys-delete-text = Les programmes qui l’utilisent seront refusés.
api-keys-made = Votre nouvelle clé
api-keys-made-heading = Copiez la clé maintenant
api-keys-made-text = Elle ne s’affiche qu’une fois. Gardez-la comme un mot de passe.

## Organizations.

org-own = Vos organisations
org-text = Dans une organisation, vous travaillez avec d’autres.
org-none = Vous n’êtes encore membre d’aucune.
org-open = Ouvrir
org-active = active
org-new = Nouvelle organisation
org-name = Nom
org-slug = Nom court
org-slug-hint = Lettres minuscules, chiffres et tirets. Laissé vide, il est tiré du nom.
org-slug-change-hint = Lettres minuscules, chiffres et tirets.
org-found = Créer l’organisation
org-invitations-own = Invitations pour vous
org-invited-until = Valable jusqu’au { $day }
org-accept = Accepter
org-reject = Refuser
org-role = Rôle
org-role-owner = Propriétaire
org-role-admin = Administrateur
org-role-member = Membre
org-role-text = Les administrateurs peuvent inviter et gérer des membres. Les propriétaires peuvent aussi supprimer l’organisation.
org-about = À propos
org-activate = Travailler dans cette organisation
org-members = Membres
org-you = vous
org-member-change = Modifier
org-member-remove = Retirer de l’organisation
org-member-remove-text = L’accès prend fin aussitôt. Le compte est conservé.
org-invitations = Invitations en attente
org-invitation-cancel = Annuler
org-invite = Inviter quelqu’un
org-invite-send = Envoyer l’invitation
org-change = Nom et nom court
org-end = Quitter ou supprimer
org-leave = Quitter l’organisation
org-leave-heading = Quitter cette organisation ?
org-leave-text = Vous ne pourrez revenir qu’avec une nouvelle invitation.
org-delete = Supprimer l’organisation
org-delete-heading = Supprimer cette organisation ?
org-delete-text = Ses membres et ses invitations disparaissent avec elle. C’est irréversible.

## Data, and the end of the account.

data-export-heading = Une copie de vos données
data-export-text = Tout ce qui est enregistré ici à votre sujet, dans un fichier lisible par des programmes. Il ne contient aucun secret.
data-export = Télécharger
delete-account = Supprimer le compte
delete-account-lead = Votre compte et tout ce qu’il contient.
delete-account-sure = Vraiment supprimer ?
delete-account-text = Votre compte sera supprimé avec tout ce qu’il contient. C’est irréversible.
delete-account-mailed = Vous recevrez d’abord un e-mail avec un lien. Lorsque vous l’ouvrirez et confirmerez, votre compte sera supprimé avec tout ce qu’il contient.

## Numbers.

sessions-more =
    { $count ->
        [one] En afficher { $count } de plus
       *[other] En afficher { $count } de plus
    }
api-keys-days =
    { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }
