### Why something cannot be done, by the stable code of the problem; for codes that have no text here, by status.

# Signing in and up.
problem-INVALID_EMAIL_OR_PASSWORD = The e-mail address or the password is wrong.
problem-INVALID_USERNAME_OR_PASSWORD = The user name or the password is wrong.
problem-EMAIL_NOT_VERIFIED = Your e-mail address is not confirmed yet. Open the link in the e-mail that we sent to it.
problem-EMAIL_ALREADY_VERIFIED = Your e-mail address is confirmed already.
problem-BANNED_USER = This account is blocked. If you think that this is a mistake, write to those who run this site.
problem-USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL = This e-mail address has an account already. Sign in, or use another address.
problem-EMAIL_PASSWORD_SIGN_UP_DISABLED = New accounts cannot be opened here.
problem-EMAIL_DOMAIN_NOT_ALLOWED = Accounts with addresses of this domain are not allowed here.
problem-INVITATION_REQUIRED = You need an invitation to sign up.
problem-INVALID_INVITATION = The invitation was used, is too old or is not for this address.
problem-INVALID_EMAIL = That is not an e-mail address.
problem-PASSWORD_TOO_SHORT = This password is too short.
problem-PASSWORD_TOO_LONG = This password is too long.
problem-PASSWORD_TOO_COMMON = This password is easy to guess. Choose another.
problem-USERNAME_IS_ALREADY_TAKEN = This user name is taken. Choose another.
problem-USERNAME_TOO_SHORT = This user name is too short.
problem-USERNAME_TOO_LONG = This user name is too long.
problem-INVALID_USERNAME = A user name holds letters, digits, dots and underscores.
problem-INVALID_DISPLAY_USERNAME = This spelling does not belong to the user name.
problem-MISSING_FIELD = Please fill in every required field.
problem-VALIDATION_ERROR = Something in the form is not as it should be. Please check what you typed.

# Links and codes from mails, and the second factor.
problem-INVALID_TOKEN = This link was used already, is too old, or a newer one was sent.
problem-TOKEN_EXPIRED = This link is too old. Ask for another.
problem-INVALID_CODE = This code is wrong.
problem-INVALID_OTP = This code is wrong.
problem-INVALID_BACKUP_CODE = This backup code is wrong, or it was used already.
problem-OTP_EXPIRED = This code is too old. Ask for another.
problem-OTP_HAS_EXPIRED = This code is too old. Ask for another.
problem-OTP_REQUIRED = First type the code that was sent to your present address.
problem-OTP_NOT_CONFIGURED = Codes are not sent by e-mail here.
problem-TOO_MANY_ATTEMPTS = Too many wrong codes. Ask for another.
problem-TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE = Too many wrong codes. Ask for another.
problem-ACCOUNT_TEMPORARILY_LOCKED = Too many wrong codes. Codes of this account are refused for a while.
problem-INVALID_TWO_FACTOR_COOKIE = This sign-in took too long. Begin again with your password.
problem-TOTP_ALREADY_ENABLED = An authenticator app is set up already.
problem-TOTP_NOT_ENABLED = No authenticator app is set up.
problem-TWO_FACTOR_NOT_ENABLED = Two-factor authentication is not set up.
problem-BACKUP_CODES_NOT_ENABLED = There are no backup codes.
problem-AUTHENTICATION_FAILED = The passkey did not work. Try again, or sign in in another way.
problem-INVALID_SESSION_TOKEN = You are signed out of this account. Sign in again.

# The own account.
problem-UNAUTHORIZED = Please sign in.
problem-SIGN_IN_FIRST = Please sign in.
problem-SESSION_EXPIRED = Please prove once more that it is you.
problem-SESSION_NOT_FRESH = Please prove once more that it is you.
problem-SESSION_NOT_FOUND = This session has ended already.
problem-SESSION_REQUIRED = Sign in to add a passkey.
problem-INVALID_PASSWORD = The password is wrong.
problem-PASSWORD_ALREADY_SET = The account has a password already.
problem-CREDENTIAL_ACCOUNT_NOT_FOUND = The account has no password yet.
problem-EMAIL_IS_THE_SAME = That is your present address.
problem-EMAIL_CAN_NOT_BE_UPDATED = The e-mail address is changed in a form of its own.
problem-EMAIL_MISMATCH = This is for an e-mail address other than yours.
problem-NO_FIELDS_TO_UPDATE = Nothing was changed.
problem-NO_DATA_TO_UPDATE = Nothing was changed.
problem-NO_VALUES_TO_UPDATE = Nothing was changed.
problem-FIELD_NOT_ALLOWED = This field cannot be changed here.
problem-ADDITIONAL_FIELDS_TOO_LARGE = The fields hold too much text.
problem-LANGUAGE_NOT_OFFERED = This language is not offered.
problem-AVATAR_TOO_LARGE = The picture is too large.
problem-YOU_ARE_THE_ONLY_OWNER_OF_AN_ORGANIZATION = You are the only owner of an organization that others are members of. Give it another owner, or delete it, first.
problem-PASSKEY_NOT_FOUND = This passkey no longer exists.
problem-PREVIOUSLY_REGISTERED = This passkey is registered already.
problem-TOO_MANY_PASSKEYS = There are too many passkeys. Remove one of them first.
problem-FAILED_TO_VERIFY_REGISTRATION = The passkey could not be added. Try again.
problem-FAILED_TO_DELETE_LAST_PASSKEY = This is your last way to sign in. Set a password or add another passkey first.
problem-FAILED_TO_UNLINK_LAST_ACCOUNT = This is your last way to sign in. Add another first.
problem-ACCOUNT_NOT_FOUND = This way to sign in is not linked any more.
problem-SOCIAL_ACCOUNT_ALREADY_LINKED = That account is linked to somebody else here.
problem-LINKING_DIFFERENT_EMAILS_NOT_ALLOWED = That account has a different e-mail address from yours here, so it was not linked.
problem-LINKING_FAILED = Linking did not work. Try again.
problem-OAUTH_LINK_ERROR = The sign-in did not work. Try again.
problem-PROVIDER_NOT_FOUND = This way to sign in is not offered here.
problem-PROVIDER_UNAVAILABLE = The service that you sign in with does not answer.

# API keys.
problem-KEY_NOT_FOUND = This API key no longer exists.
problem-TOO_MANY_API_KEYS = There are too many API keys. Delete one of them first.
problem-INVALID_NAME_LENGTH = The name is too short or too long.
problem-EXPIRES_IN_IS_TOO_SMALL = The key would expire too soon.
problem-EXPIRES_IN_IS_TOO_LARGE = The key would last too long.

# Organizations.
problem-ORGANIZATION_NOT_FOUND = There is no such organization.
problem-ORGANIZATION_ALREADY_EXISTS = An organization has this short name already. Choose another.
problem-ORGANIZATION_SLUG_ALREADY_TAKEN = An organization has this short name already. Choose another.
problem-ORGANIZATION_MEMBERSHIP_LIMIT_REACHED = This organization has as many members as it can have.
problem-YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS = You have as many organizations as you can have.
problem-NO_ACTIVE_ORGANIZATION = Choose an organization first.
problem-MEMBER_NOT_FOUND = This person is not a member any more.
problem-ROLE_NOT_FOUND = There is no such role.
problem-INVITATION_NOT_FOUND = This invitation was used, withdrawn, or is too old.
problem-INVITATION_LIMIT_REACHED = There are too many open invitations. Withdraw some of them first.
problem-INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION = Whoever invited you may not do so any more. Ask for another invitation.
problem-EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION = Confirm your e-mail address first.
problem-YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION = The invitation is for another e-mail address. Sign in with that one.
problem-USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION = This person is a member already.
problem-USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION = This person is invited already.
problem-USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION = This person is not a member.
problem-YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION = You are not a member of this organization.
problem-YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER = You are the only owner. Give the organization another owner first.
problem-YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER = The organization needs an owner. Give it another one first.

# Administration.
problem-USER_NOT_FOUND = There is no such user.
problem-YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS = This user’s roles permit what yours do not.
problem-YOU_CANNOT_BAN_YOURSELF = You cannot ban yourself.
problem-YOU_CANNOT_REMOVE_YOURSELF = You cannot delete your own account here.
problem-YOU_CANNOT_SET_YOUR_PASSWORD = You change your own password in your account.
problem-YOU_CANNOT_IMPERSONATE_YOURSELF = You cannot act in your own place.
problem-YOU_CANNOT_IMPERSONATE_ADMINS = Nobody acts in the place of an administrator.
problem-NOT_ALLOWED_WHILE_IMPERSONATING = This is for the user alone. While you act in their place, go back to your own account for anything that would outlast it.
problem-YOU_CANNOT_DEMOTE_THE_LAST_ADMINISTRATOR = Nobody else can give roles. Give somebody else your role first.

# Requests and the service as a whole.
problem-TOO_MANY_REQUESTS = Too many attempts.
problem-SERVICE_BUSY = There is too much to do right now.
problem-SERVICE_UNAVAILABLE = This does not work at the moment. Nothing was lost.
problem-INTERNAL_SERVER_ERROR = Something went wrong here. It is not your fault.
problem-INVALID_ORIGIN = This form came from another site. Open the page again and send it once more.
problem-CROSS_SITE_NAVIGATION_LOGIN_BLOCKED = This form came from another site. Open the page again and send it once more.
problem-PAYLOAD_TOO_LARGE = That is too large.

# For all others, by status.
problem-status-400 = Something in the form is not as it should be. Please check what you typed.
problem-status-401 = Please sign in.
problem-status-403 = You may not do that.
problem-status-404 = This no longer exists.
problem-status-409 = Somebody else was faster. Open the page again.
problem-status-429 = Too many attempts.
problem-status-500 = Something went wrong here. It is not your fault.
problem-status-503 = This does not work at the moment. Nothing was lost.
