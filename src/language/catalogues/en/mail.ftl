### Mails. A paragraph of a text ends at an empty line; single line breaks do not count. Buttons also stand before the
### link in the plain text of a mail, with a colon. $app is the name of the site, $expiry a duration.

mail-greeting = Hello,
mail-greeting-name = Hello { $name },
mail-link-fallback = If the button does not work, copy this address into your browser:

# In plain text.
mail-fact = { $label }: { $value }
mail-link = { $label }:

mail-verify-email-subject = Confirm your e-mail address for { $app }
mail-verify-email-text = Please confirm that this is your e-mail address, so that you can sign in to { $app }. The link works once, for { $expiry }.
mail-verify-email-button = Confirm my address
mail-verify-email-note = You did not sign up? Then somebody mistyped their address, and you can ignore this message: without the link nobody can use yours.

mail-welcome-subject = Your account at { $app }
mail-welcome-text = An account was made for you at { $app }. Choose the password that you sign in with. The link works once, for { $expiry }.
mail-welcome-button = Choose a password
mail-welcome-note = You do not know what this is about? Then ignore this message: nobody can sign in to the account without access to this mailbox.

mail-account-exists-subject = You already have an account at { $app }
mail-account-exists-text = Somebody, probably you, just tried to sign up at { $app } with this e-mail address. You already have an account, so just sign in.
mail-account-exists-button = Sign in
mail-account-exists-note = It was not you? Then there is nothing to do: your account and your password are unchanged, and whoever tried was not told that you have an account.

mail-reset-password-subject = Set a new password for { $app }
mail-reset-password-text = Somebody, probably you, asked for a new password for { $app }. The link works once, for { $expiry }.
mail-reset-password-button = Choose a new password
mail-reset-password-note = You did not ask? Then ignore this message: your password stays as it is, and nobody can change it without this link.

mail-password-changed-subject = Your password for { $app } was changed
mail-password-changed-text =
    The password of your account at { $app } was just changed. If that was you, there is nothing to do.

    If it was not you, set a new password at once. That signs out everybody who is signed in with your account.
mail-password-changed-button = Set a new password
mail-password-changed-note = Then look whether your mailbox is safe too.

mail-change-email-subject = Confirm your new e-mail address for { $app }
mail-change-email-text = Please confirm that your account at { $app } is to use this e-mail address from now on. The link works once, for { $expiry }.
mail-change-email-button = Use this address
mail-change-email-note = You have no account there, or did not ask for this? Then somebody mistyped their address, and you can ignore this message: nothing changes.

mail-email-change-requested-subject = Your e-mail address for { $app } is to be changed
mail-email-change-requested-text =
    Somebody, hopefully you, asked that your account at { $app } use another e-mail address: { $email }

    Until that address is confirmed, this one stays in force. If it was you, there is nothing to do here.

    If it was not you, set a new password at once. That withdraws the request and signs out everybody who is signed in with your account.
mail-email-change-requested-button = Set a new password
mail-email-change-requested-note = Without that link, this message changes nothing.

mail-email-changed-subject = Your e-mail address for { $app } was changed
mail-email-changed-text = Your account at { $app } uses another e-mail address from now on. This one no longer opens it, and this is the last message that comes here. If that was you, there is nothing to do.
mail-email-changed-button = Go to { $app }
mail-email-changed-note = If it was not you, write at once to those who run { $app }.

mail-consent-email-change-subject = Allow another e-mail address for { $app }?
mail-consent-email-change-text =
    Somebody who is signed in with your account at { $app } asked that it use another e-mail address: { $email }

    If it was you, open the link and allow it. It works once, for { $expiry }.
mail-consent-email-change-button = Allow the change
mail-consent-email-change-note = If it was not you, do not open the link, and set a new password at once: that signs out everybody who is signed in with your account.

mail-email-changed-with-undo-subject = Your e-mail address for { $app } was changed
mail-email-changed-with-undo-text =
    Your account at { $app } uses another e-mail address from now on, and this one no longer opens it. If that was you, there is nothing to do.

    If it was not you, take your account back. For 7 days the link undoes the change and everything that followed from it.
mail-email-changed-with-undo-button = Undo the change
mail-email-changed-with-undo-note = It was you? Then ignore this message, and do not open the link.

mail-email-change-undone-subject = A change of e-mail address for { $app } was undone
mail-email-change-undone-text = The change of the e-mail address of an account at { $app } to this one was undone from the address before. This address no longer opens that account.
mail-email-change-undone-button = Go to { $app }
mail-email-change-undone-note = If you did not expect that, write to those who run { $app }.

mail-delete-user-subject = Delete your account at { $app }?
mail-delete-user-text = You asked that your account at { $app } be deleted, with everything in it. This cannot be undone. The link works once, for { $expiry }.
mail-delete-user-button = Delete my account
mail-delete-user-note = You did not ask for this? Then do not open the link, and change your password: somebody is signed in with your account.

mail-user-deleted-subject = Your account at { $app } was deleted
mail-user-deleted-text = Your account at { $app } was deleted, and you are signed out everywhere. This is the last message about it.
mail-user-deleted-button = Go to { $app }
mail-user-deleted-note = If it was not you, write to those who run { $app }.

mail-failed-sign-ins-subject = Many failed sign-ins to your account at { $app }
mail-failed-sign-ins-text =
    Somebody tried to sign in to your account at { $app } with a wrong password, many times in a row. Further attempts are refused for a while.

    Whoever is signed in stays so. If it was you and you forgot your password, set a new one, which also ends the waiting.
mail-failed-sign-ins-button = Set a new password
mail-failed-sign-ins-note = If it was not you, there is nothing to do, as long as you use your password nowhere else.

mail-new-device-subject = New sign-in to your account at { $app }
mail-new-device-text = Somebody, probably you, just signed in to your account at { $app } with a device that we have not seen you use before:
mail-new-device-button = Open { $app }
mail-new-device-note = It was you? Then there is nothing to do. It was not you? Then somebody else can sign in as you: set another password at once, and sign the other devices out.
mail-device = Device
mail-place = Where
mail-time = When

mail-code-sign-in-subject = Your code to sign in to { $app }
mail-code-sign-in-text = With this code you sign in to { $app }:
mail-code-verify-email-subject = Your code to confirm your e-mail address for { $app }
mail-code-verify-email-text = With this code you confirm that this is your e-mail address at { $app }:
mail-code-reset-password-subject = Your code to set a new password for { $app }
mail-code-reset-password-text = With this code you set a new password for your account at { $app }:
mail-code-change-email-subject = Your code to confirm your new e-mail address for { $app }
mail-code-change-email-text = With this code you confirm that this is your new e-mail address at { $app }:
mail-code-note =
    It works once, for { $expiry }. Type it into the page that asked for it, and tell it to nobody: whoever has it can do so in your place.

    You did not ask for it? Then somebody mistyped their address, and you can ignore this message: without the code nothing happens.

mail-magic-link-subject = Sign in to { $app }
mail-magic-link-text = With this link you sign in to { $app }. It works once, for { $expiry }.
mail-magic-link-button = Sign in
mail-magic-link-note = You did not ask for it? Then somebody mistyped their address, and you can ignore this message: without the link nobody gets into your account.

mail-two-factor-code-subject = Your code for { $app }
mail-two-factor-code-text = Type this code in to go on at { $app }. It works for { $expiry }.
mail-two-factor-code-button = Open { $app }
mail-two-factor-code-note = If you did not ask for a code, somebody may know your password: set another. Nobody who works for { $app } ever asks you for a code.

mail-two-factor-enabled-subject = Two-factor authentication for { $app } is on
mail-two-factor-enabled-text =
    Two-factor authentication is on for your account at { $app }: from now on, signing in takes a code besides the password. If you set it up, there is nothing to do. Keep your backup codes in a safe place.

    If it was not you, set a new password at once. That signs out everybody who is signed in with your account.
mail-two-factor-enabled-button = Set a new password
mail-two-factor-enabled-note = Then write to those who run this site: only they can switch off two-factor authentication that somebody else set up.

mail-two-factor-disabled-subject = Two-factor authentication for { $app } is off
mail-two-factor-disabled-text =
    Two-factor authentication is off for your account at { $app }: the password alone is enough to sign in. If you switched it off, there is nothing to do.

    If it was not you, set a new password at once. That signs out everybody who is signed in with your account.
mail-two-factor-disabled-button = Set a new password
mail-two-factor-disabled-note = Then sign in and set up two-factor authentication again.

mail-backup-code-used-subject = A backup code for { $app } was used
mail-backup-code-used-text =
    A backup code of your account at { $app } was just used in place of your second factor. It no longer works. Codes that are left: { $left }. If that was you, there is nothing to do.

    If it was not you, set a new password at once. That signs out everybody who is signed in with your account.
mail-backup-code-used-button = Set a new password
mail-backup-code-used-note = Then replace your backup codes.

mail-backup-codes-replaced-subject = Your backup codes for { $app } were replaced
mail-backup-codes-replaced-text =
    The backup codes of your account at { $app } were replaced. The old ones no longer work. If that was you, there is nothing to do.

    If it was not you, set a new password at once. That signs out everybody who is signed in with your account.
mail-backup-codes-replaced-button = Set a new password
mail-backup-codes-replaced-note = Then replace your backup codes once more.

mail-passkey-added-subject = A passkey was added to your account at { $app }
mail-passkey-added-text =
    A passkey was added to your account at { $app }. It signs in without a password and without a second factor. If you added it, there is nothing to do.

    If it was not you, set a new password at once. That signs out everybody who is signed in with your account.
mail-passkey-added-button = Set a new password
mail-passkey-added-note = Then sign in and remove the passkey: a new password does not.

mail-passkey-removed-subject = A passkey of your account at { $app } was removed
mail-passkey-removed-text =
    A passkey of your account at { $app } was removed and can no longer be used to sign in. If you removed it, there is nothing to do.

    If it was not you, set a new password at once. That signs out everybody who is signed in with your account.
mail-passkey-removed-button = Set a new password
mail-passkey-removed-note = Then sign in and add a passkey again.

mail-organization-invitation-subject = You are invited to { $organization } at { $app }
mail-organization-invitation-text = { $inviter } invites you to join { $organization } at { $app }. The invitation can be accepted for { $expiry }.
mail-organization-invitation-button = See the invitation
mail-organization-invitation-note = You do not know what this is about? Then ignore this message: nobody can accept the invitation without access to this mailbox.
# Stands for $organization where its name could be taken for a link.
mail-organization-invitation-unnamed = an organization
