### The pages of one's own account.

## Navigation and what pages share.

account-settings = Profile
account-security = Security
account-api-keys = API keys
account-organizations = Organizations
account-data = Your data
account-not-taken = This cannot be used here.
last-used = Last used { $time }
never-used = Never used
created = Created { $day }
copy = Copy
copied = Copied
one-a-line = One per line.

## What went well.

account-said-saved = Saved.
account-said-email-asked = An e-mail is on its way. Until the new address is confirmed, the old one stays in use.
account-said-email-changed = Your new address is confirmed.
account-said-email-verified = Your address is confirmed.
account-said-verification-sent = An e-mail with a link is on its way.
account-said-password-changed = Your new password is set.
account-said-session-ended = That device is signed out.
account-said-sessions-ended = You are signed out everywhere else.
account-said-linked = Linked.
account-said-unlinked = The link is removed.
account-said-passkey-added = The passkey is added.
account-said-passkey-removed = The passkey is removed.
account-said-two-step-on = Two-factor authentication is on. Keep your backup codes in a safe place.
account-said-two-step-off = Two-factor authentication is off.
account-said-device-ended = The next sign-in there asks for a code again.
account-said-api-key-deleted = The key is deleted.
account-said-organization-made = The organization is created. Invite its members now.
account-said-invitation-accepted = Welcome! You are a member now.
account-said-invitation-rejected = The invitation is declined.
account-said-org-active = You work in this organization now.
account-said-org-rename = Saved.
account-said-org-invite = The invitation is on its way.
account-said-org-cancel = The invitation is withdrawn.
account-said-org-member-removed = The member is removed.
account-said-org-leave = You have left the organization.
account-said-org-delete = The organization is deleted.
account-said-deletion-mailed = An e-mail with a link is on its way. Your account is deleted when you open it and confirm.

## A fresh proof of who somebody is.

prove-title = Before you go on
prove-heading = Confirm that it is you
prove-text = You signed in a while ago. Type your password once more to go on.
prove-show = Type the password
prove-again-text = You signed in a while ago. Sign in once more to go on.
prove-again = Sign in again
prove-code-text = This needs your second factor: a code from your app, or a backup code.
prove-code = Type a code
prove-set-up-text = This needs two-factor authentication. Set it up first.

## Settings.

account-profile = About you
account-picture = Picture
account-picture-now = Your picture
account-picture-new = New picture
account-picture-hint = PNG, JPEG, WebP or GIF, up to { $size } KB.
account-picture-send = Use this picture
account-picture-remove = Remove the picture
account-picture-no-picture = This file is not a PNG, JPEG, WebP or GIF picture, or it is too large.
account-email-verified = confirmed
account-email-unverified = not confirmed
account-email-now = Your address
account-email-new = New e-mail address
account-email-hint = You confirm it with the link in an e-mail to the new address.
account-email-change = Change the address
account-email-consent = You asked to change your address to { $email }. To allow it, open the link in the e-mail to your present address before { $until }.
account-email-proof = You asked to change your address to { $email }. To confirm it, open the link in the e-mail to that address before { $until }.
account-language-text = The language of these pages, and of e-mails to you.

## Security.

password-change = Change the password
password-end-others = Sign out on all other devices
password-first-text = You have no password yet. With one you can also sign in with your e-mail address.
sessions = Where you are signed in
sessions-text = If you do not recognise one of these, sign it out and change your password.
sessions-device = { $browser } on { $os }
sessions-unknown-device = Unknown device
sessions-current = this device
sessions-since = Signed in { $time }
sessions-end = Sign out
sessions-end-others = Sign out everywhere else
identities = Linked accounts
identities-text = You can sign in with these too.
identities-since = Linked since { $day }
identities-link = Link
identities-unlink = Remove
identities-unlink-heading = Remove { $provider }?
identities-unlink-text = You can no longer sign in with { $provider }. Your account stays.
identities-failed = Linking did not work. The account may belong to somebody else here.
passkeys = Passkeys
passkeys-text = With a passkey you sign in with your fingerprint, your face or your device’s PIN, without a password.
passkeys-none = You have none yet.
passkey-name = Name of the passkey
passkey-name-hint = To recognise it by, such as “Work laptop”.
passkey-unnamed = Passkey without a name
passkey-synced = synced
passkey-add = Add a passkey
passkey-add-failed = The passkey was not added. Try again.
passkey-needs-script = Adding a passkey needs JavaScript, which this browser does not run here.
passkey-manage = Manage
passkey-rename = Rename
passkey-remove = Remove the passkey
passkey-remove-text = You can no longer sign in with it. Remove it from your device too.
two-step = Two-factor authentication
two-step-text = After your password, sign-in asks for a code. A stolen password alone opens nothing.
two-step-on = on
two-step-off = off
two-step-set-up = Set up two-factor authentication
two-step-begin-text = Have your phone ready.
two-step-way = Where codes come from
two-step-way-app = An authenticator app
two-step-way-mail = E-mails to my address
two-step-scan = 1. Scan this with your app
two-step-scan-text = Any authenticator app reads it with the camera.
two-step-qr = QR code for your authenticator app
two-step-by-hand = Or type this into the app:
two-step-codes-heading = Your backup codes
two-step-codes-text = Print them or write them down now: they are shown this once. Each signs you in once when your phone is not at hand.
two-step-prove = Type the first code
two-step-confirm = Switch on
two-step-again = Start again
two-step-codes = New backup codes
two-step-codes-ask = The codes that you have stop working. You are signed out on your other devices.
two-step-disable = Switch off two-factor authentication
two-step-disable-text = Your password alone then opens your account. You are signed out on your other devices.
devices = Trusted devices
devices-text = On these devices sign-in asks for no code.
devices-none = There are none.
devices-until = Trusted until { $day }
devices-end = Ask for a code again

## API keys.

api-keys = Your keys
api-keys-text = With a key, a program can act for you.
api-keys-none = You have none yet.
api-keys-new = New key
api-keys-name = Name of the key
api-keys-name-hint = To recognise it by, such as “Backup script”.
api-keys-lasts = How long it works
api-keys-lasting = Until I delete it
api-keys-make = Create the key
api-keys-may = New keys allow: { $scopes }
api-keys-scopes = Allows: { $scopes }
api-keys-until = Works until { $day }
api-keys-disabled = switched off
api-keys-disable = Switch off
api-keys-enable = Switch on
api-keys-delete = Delete
api-keys-delete-heading = Delete this key?
api-keys-delete-text = Programs that use it are rejected from then on.
api-keys-made = Your new key
api-keys-made-heading = Copy the key now
api-keys-made-text = It is shown this once. Keep it like a password.

## Organizations.

org-own = Your organizations
org-text = In an organization you work together with others.
org-none = You are not a member of any yet.
org-open = Open
org-active = active
org-new = New organization
org-name = Name
org-slug = Short name
org-slug-hint = Lower-case letters, digits and hyphens. Left empty, it is made from the name.
org-slug-change-hint = Lower-case letters, digits and hyphens.
org-found = Create the organization
org-invitations-own = Invitations for you
org-invited-until = Open until { $day }
org-accept = Accept
org-reject = Decline
org-role = Role
org-role-owner = Owner
org-role-admin = Administrator
org-role-member = Member
org-role-text = Administrators can invite and manage members. Owners can also delete the organization.
org-about = About
org-activate = Work in this organization
org-members = Members
org-you = you
org-member-change = Change
org-member-remove = Remove from the organization
org-member-remove-text = They lose access at once. Their account stays.
org-invitations = Open invitations
org-invitation-cancel = Withdraw
org-invite = Invite somebody
org-invite-send = Send the invitation
org-change = Name and short name
org-end = Leave or delete
org-leave = Leave the organization
org-leave-heading = Leave this organization?
org-leave-text = You come back only with a new invitation.
org-delete = Delete the organization
org-delete-heading = Delete this organization?
org-delete-text = Its members and invitations go with it. This cannot be undone.

## Data, and the end of the account.

data-export-heading = A copy of your data
data-export-text = Everything that is stored about you here, as a file that programs can read. It contains no secrets.
data-export = Download
delete-account = Delete the account
delete-account-lead = Your account and everything in it.
delete-account-sure = Are you sure?
delete-account-text = Your account is deleted with everything in it. This cannot be undone.
delete-account-mailed = You get an e-mail with a link first. When you open it and confirm, your account is deleted with everything in it.

## Numbers.

sessions-more =
    { $count ->
        [one] Show { $count } more
       *[other] Show { $count } more
    }
api-keys-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
