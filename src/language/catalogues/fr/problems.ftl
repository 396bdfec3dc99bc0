### Why something cannot be done, by the stable code of the problem; for codes that have no text here, by status.

# Signing in and up.
problem-INVALID_EMAIL_OR_PASSWORD = L’adresse e-mail ou le mot de passe est incorrect.
problem-INVALID_USERNAME_OR_PASSWORD = Le nom d’utilisateur ou le mot de passe est incorrect.
problem-EMAIL_NOT_VERIFIED = Votre adresse e-mail n’est pas encore confirmée. Ouvrez le lien de l’e-mail que nous y avons envoyé.
problem-EMAIL_ALREADY_VERIFIED = Votre adresse e-mail est déjà confirmée.
problem-BANNED_USER = Ce compte est bloqué. Si vous pensez qu’il s’agit d’une erreur, écrivez aux responsables de ce site.
problem-USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL = Il existe déjà un compte avec cette adresse e-mail. Connectez-vous, ou utilisez une autre adresse.
problem-EMAIL_PASSWORD_SIGN_UP_DISABLED = Il n’est pas possible de créer un compte ici.
problem-EMAIL_DOMAIN_NOT_ALLOWED = Les comptes avec une adresse de ce domaine ne sont pas autorisés ici.
problem-INVITATION_REQUIRED = Il faut une invitation pour s’inscrire.
problem-INVALID_INVITATION = L’invitation a déjà servi, a expiré ou n’est pas destinée à cette adresse.
problem-INVALID_EMAIL = Ce n’est pas une adresse e-mail.
problem-PASSWORD_TOO_SHORT = Ce mot de passe est trop court.
problem-PASSWORD_TOO_LONG = Ce mot de passe est trop long.
problem-PASSWORD_TOO_COMMON = Ce mot de passe est facile à deviner. Choisissez-en un autre.
problem-USERNAME_IS_ALREADY_TAKEN = Ce nom d’utilisateur est déjà pris. Choisissez-en un autre.
problem-USERNAME_TOO_SHORT = Ce nom d’utilisateur est trop court.
problem-USERNAME_TOO_LONG = Ce nom d’utilisateur est trop long.
problem-INVALID_USERNAME = Un nom d’utilisateur contient des lettres, des chiffres, des points et des tirets bas.
problem-INVALID_DISPLAY_USERNAME = Cette manière de l’écrire ne correspond pas au nom d’utilisateur.
problem-MISSING_FIELD = Veuillez remplir tous les champs obligatoires.
problem-VALIDATION_ERROR = Quelque chose ne va pas dans le formulaire. Veuillez vérifier votre saisie.

# Links and codes from mails, and the second factor.
problem-INVALID_TOKEN = Ce lien a déjà servi, a expiré, ou un plus récent a été envoyé.
problem-TOKEN_EXPIRED = Ce lien a expiré. Demandez-en un autre.
problem-INVALID_CODE = Ce code est incorrect.
problem-INVALID_OTP = Ce code est incorrect.
problem-INVALID_BACKUP_CODE = Ce code de secours est incorrect ou a déjà servi.
problem-OTP_EXPIRED = Ce code a expiré. Demandez-en un autre.
problem-OTP_HAS_EXPIRED = Ce code a expiré. Demandez-en un autre.
problem-OTP_REQUIRED = Saisissez d’abord le code envoyé à votre adresse actuelle.
problem-OTP_NOT_CONFIGURED = Les codes ne sont pas envoyés par e-mail ici.
problem-TOO_MANY_ATTEMPTS = Trop de codes incorrects. Demandez-en un nouveau.
problem-TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE = Trop de codes incorrects. Demandez-en un nouveau.
problem-ACCOUNT_TEMPORARILY_LOCKED = Trop de codes incorrects. Les codes de ce compte sont refusés pendant un moment.
problem-INVALID_TWO_FACTOR_COOKIE = Cette connexion a pris trop de temps. Recommencez avec votre mot de passe.
problem-TOTP_ALREADY_ENABLED = Une application d’authentification est déjà configurée.
problem-TOTP_NOT_ENABLED = Aucune application d’authentification n’est configurée.
problem-TWO_FACTOR_NOT_ENABLED = L’authentification à deux facteurs n’est pas configurée.
problem-BACKUP_CODES_NOT_ENABLED = Il n’y a pas de codes de secours.
problem-AUTHENTICATION_FAILED = La clé d’accès n’a pas fonctionné. Réessayez, ou connectez-vous autrement.
problem-INVALID_SESSION_TOKEN = Vous êtes déconnecté de ce compte. Reconnectez-vous.

# The own account.
problem-UNAUTHORIZED = Veuillez vous connecter.
problem-SIGN_IN_FIRST = Veuillez vous connecter.
problem-SESSION_EXPIRED = Veuillez confirmer encore une fois votre identité.
problem-SESSION_NOT_FRESH = Veuillez confirmer encore une fois votre identité.
problem-SESSION_NOT_FOUND = Cette session est déjà terminée.
problem-SESSION_REQUIRED = Connectez-vous pour ajouter une clé d’accès.
problem-INVALID_PASSWORD = Le mot de passe est incorrect.
problem-PASSWORD_ALREADY_SET = Le compte a déjà un mot de passe.
problem-CREDENTIAL_ACCOUNT_NOT_FOUND = Le compte n’a pas encore de mot de passe.
problem-EMAIL_IS_THE_SAME = C’est votre adresse actuelle.
problem-EMAIL_CAN_NOT_BE_UPDATED = L’adresse e-mail se change dans un formulaire à part.
problem-EMAIL_MISMATCH = Ceci concerne une autre adresse e-mail que la vôtre.
problem-NO_FIELDS_TO_UPDATE = Rien n’a été changé.
problem-NO_DATA_TO_UPDATE = Rien n’a été changé.
problem-NO_VALUES_TO_UPDATE = Rien n’a été changé.
problem-FIELD_NOT_ALLOWED = Ce champ ne peut pas être modifié ici.
problem-ADDITIONAL_FIELDS_TOO_LARGE = Les champs contiennent trop de texte.
problem-LANGUAGE_NOT_OFFERED = Cette langue n’est pas proposée.
problem-AVATAR_TOO_LARGE = La photo est trop volumineuse.
problem-YOU_ARE_THE_ONLY_OWNER_OF_AN_ORGANIZATION = Vous êtes seul propriétaire d’une organisation qui a d’autres membres. Désignez-lui d’abord un autre propriétaire, ou supprimez-la.
problem-PASSKEY_NOT_FOUND = Cette clé d’accès n’existe plus.
problem-PREVIOUSLY_REGISTERED = Cette clé d’accès est déjà enregistrée.
problem-TOO_MANY_PASSKEYS = Il y a trop de clés d’accès. Supprimez-en d’abord une.
problem-FAILED_TO_VERIFY_REGISTRATION = La clé d’accès n’a pas pu être ajoutée. Réessayez.
problem-FAILED_TO_DELETE_LAST_PASSKEY = C’est votre dernier moyen de vous connecter. Choisissez d’abord un mot de passe ou ajoutez une autre clé d’accès.
problem-FAILED_TO_UNLINK_LAST_ACCOUNT = C’est votre dernier moyen de vous connecter. Ajoutez-en d’abord un autre.
problem-ACCOUNT_NOT_FOUND = Ce moyen de connexion n’est plus associé.
problem-SOCIAL_ACCOUNT_ALREADY_LINKED = Ce compte chez le fournisseur est associé ici à celui de quelqu’un d’autre.
problem-LINKING_DIFFERENT_EMAILS_NOT_ALLOWED = Ce compte chez le fournisseur a une autre adresse e-mail que votre compte ici ; il n’a pas été associé.
problem-LINKING_FAILED = L’association n’a pas fonctionné. Réessayez.
problem-OAUTH_LINK_ERROR = La connexion n’a pas fonctionné. Réessayez.
problem-PROVIDER_NOT_FOUND = Ce moyen de connexion n’est pas proposé ici.
problem-PROVIDER_UNAVAILABLE = Le service avec lequel vous vous connectez ne répond pas.

# API keys.
problem-KEY_NOT_FOUND = Cette clé d’API n’existe plus.
problem-TOO_MANY_API_KEYS = Il y a trop de clés d’API. Supprimez-en d’abord une.
problem-INVALID_NAME_LENGTH = Le nom est trop court ou trop long.
problem-EXPIRES_IN_IS_TOO_SMALL = La clé expirerait trop tôt.
problem-EXPIRES_IN_IS_TOO_LARGE = La clé resterait valable trop longtemps.

# Organizations.
problem-ORGANIZATION_NOT_FOUND = Cette organisation n’existe pas.
problem-ORGANIZATION_ALREADY_EXISTS = Une organisation porte déjà ce nom court. Choisissez-en un autre.
problem-ORGANIZATION_SLUG_ALREADY_TAKEN = Une organisation porte déjà ce nom court. Choisissez-en un autre.
problem-ORGANIZATION_MEMBERSHIP_LIMIT_REACHED = Cette organisation a atteint son nombre maximal de membres.
problem-YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS = Vous avez atteint votre nombre maximal d’organisations.
problem-NO_ACTIVE_ORGANIZATION = Choisissez d’abord une organisation.
problem-MEMBER_NOT_FOUND = Cette personne n’est plus membre.
problem-ROLE_NOT_FOUND = Ce rôle n’existe pas.
problem-INVITATION_NOT_FOUND = Cette invitation a servi, a été annulée ou a expiré.
problem-INVITATION_LIMIT_REACHED = Il y a trop d’invitations en attente. Annulez-en d’abord quelques-unes.
problem-INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION = La personne qui vous a invité n’en a plus le droit. Demandez une autre invitation.
problem-EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION = Confirmez d’abord votre adresse e-mail.
problem-YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION = L’invitation est destinée à une autre adresse e-mail. Connectez-vous avec celle-ci.
problem-USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION = Cette personne est déjà membre.
problem-USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION = Cette personne est déjà invitée.
problem-USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION = Cette personne n’est pas membre.
problem-YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION = Vous n’êtes pas membre de cette organisation.
problem-YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER = Vous êtes seul propriétaire. Désignez d’abord un autre propriétaire de l’organisation.
problem-YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER = L’organisation a besoin d’un propriétaire. Désignez-en d’abord un autre.

# Administration.
problem-USER_NOT_FOUND = Cet utilisateur n’existe pas.
problem-YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS = Les rôles de cet utilisateur permettent ce que les vôtres ne permettent pas.
problem-YOU_CANNOT_BAN_YOURSELF = Vous ne pouvez pas vous bloquer vous-même.
problem-YOU_CANNOT_REMOVE_YOURSELF = Vous ne pouvez pas supprimer votre propre compte ici.
problem-YOU_CANNOT_SET_YOUR_PASSWORD = Votre propre mot de passe se change dans votre compte.
problem-YOU_CANNOT_IMPERSONATE_YOURSELF = Vous ne pouvez pas agir à votre propre place.
problem-YOU_CANNOT_IMPERSONATE_ADMINS = Personne n’agit à la place d’un administrateur.
problem-NOT_ALLOWED_WHILE_IMPERSONATING = Seule la personne concernée peut le faire. Tant que vous agissez à sa place, rien de ce qui durerait plus longtemps n’est possible ; revenez pour cela à votre propre compte.
problem-YOU_CANNOT_DEMOTE_THE_LAST_ADMINISTRATOR = Personne d’autre ne peut donner de rôles. Donnez d’abord votre rôle à quelqu’un d’autre.

# Requests and the service as a whole.
problem-TOO_MANY_REQUESTS = Trop de tentatives.
problem-SERVICE_BUSY = Le site est trop sollicité en ce moment.
problem-SERVICE_UNAVAILABLE = Cela ne fonctionne pas pour le moment. Rien n’est perdu.
problem-INTERNAL_SERVER_ERROR = Quelque chose s’est mal passé ici. Vous n’y êtes pour rien.
problem-INVALID_ORIGIN = Ce formulaire vient d’un autre site. Rouvrez la page et envoyez-le de nouveau.
problem-CROSS_SITE_NAVIGATION_LOGIN_BLOCKED = Ce formulaire vient d’un autre site. Rouvrez la page et envoyez-le de nouveau.
problem-PAYLOAD_TOO_LARGE = C’est trop volumineux.

# For all others, by status.
problem-status-400 = Quelque chose ne va pas dans le formulaire. Veuillez vérifier votre saisie.
problem-status-401 = Veuillez vous connecter.
problem-status-403 = Vous n’avez pas le droit de faire cela.
problem-status-404 = Cela n’existe plus.
problem-status-409 = Quelqu’un d’autre a été plus rapide. Rouvrez la page.
problem-status-429 = Trop de tentatives.
problem-status-500 = Quelque chose s’est mal passé ici. Vous n’y êtes pour rien.
problem-status-503 = Cela ne fonctionne pas pour le moment. Rien n’est perdu.
