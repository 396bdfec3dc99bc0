### The pages that mailed links open.

# The pages that mailed links open: what their one button does.
link-nothing-happens = If you did not ask for this, close the page: nothing happens.
link-verify-email-heading = Verify your e-mail address
link-verify-email-text = Press the button to confirm that this address is yours.
link-verify-email-button = Verify my address
link-verify-email-password = Your password: the one that you chose, or a new one of { $min } characters or more
link-verify-email-password-hint = You did not sign up in this browser, so only the password that you type here counts. Without one you choose it on the next page.
link-magic-link-heading = Sign in
link-magic-link-text = Press the button to sign in with this address:
link-magic-link-button = Sign in
link-magic-link-otherwise = If you did not ask for this, or the address is not yours, close the page: nothing happens.
link-allow-email-change-heading = Allow the change of your e-mail address
link-allow-email-change-text = Somebody who is signed in with your account asked for the address that the message names. If it was you, press the button: a message to that address comes next.
link-allow-email-change-button = Allow the change
link-allow-email-change-otherwise = If you did not ask for this, close the page: nothing happens. Then set a new password, which signs out everybody who is signed in with your account.
link-undo-email-change-heading = Take your e-mail address back
link-undo-email-change-text = Press the button if it was not you who changed the address of your account. This address is in force again, the password is the one from before the change, everybody who is signed in is signed out, and whatever came after the change ends.
link-undo-email-change-button = Undo the change
link-undo-email-change-otherwise = If you changed the address yourself, close the page: nothing happens.
link-delete-user-heading = Delete your account
link-delete-user-text = Your account and everything in it will be gone, and you are signed out everywhere. This cannot be undone.
link-delete-user-button = Delete my account
link-choose-password-heading = Choose a new password
link-new-password = Your new password, { $min } characters or more
link-set-password = Set my password
link-choose-password-otherwise = Everybody who is signed in with your account is signed out. If you did not ask for this, close the page: nothing happens.
link-request-reset-heading = Set a new password
link-request-reset-text = A link to set a new password comes by mail:
link-email = Your e-mail address
link-request-reset-button = Send me a link
link-verify-email-again = If your address is verified already, just sign in. Otherwise ask for a new mail:
link-verify-email-again-button = Send a new mail
link-invitation-title = You are invited
link-invitation-heading = You are invited to join { $organization }
link-invitation-text = { $inviter } invites { $email }, as { $role }.
link-invitation-button = Join { $organization }
link-invitation-otherwise = If you do not know what this is about, close the page: nothing happens.
link-invitation-sign-in = Sign in with the address { $email } in this browser, then open the link of the mail once more.
link-invitation-no-account = You have no account yet? Sign up with this address.
link-invitation-sign-up = Sign up

# What pressing the button led to.
link-sign-in = Sign in
link-go-on = Go on
link-close-page = You can close this page.
link-email-verified-heading = Your address is verified
link-email-verified-text = You can close this page and sign in.
link-signed-in-heading = You are signed in
link-signed-in-text = You are signed in. Go on, or close this page.
link-mailbox-heading = Look into your mailbox
link-verification-sent-text = If this address belongs to an account that is not verified yet, a new mail is on its way. It can take a minute.
link-reset-sent-text = If this address belongs to an account, a mail with a link is on its way. It can take a minute.
link-email-changed-heading = Your new address is in force
link-email-changed-text = Sign in with it from now on. You can close this page.
link-email-taken = This address is in use by now. Your account keeps the one that it has.
link-email-change-allowed-heading = The change is allowed
link-email-change-allowed-text = A message was sent to the new address. Open the link in it; until then the old address stays in force. You can close this page.
link-user-deleted-heading = Your account is deleted
link-user-deleted-text = You are signed out everywhere. You can close this page.
link-password-set-heading = Your new password is set
link-password-set-text = Everybody who was signed in with your account is signed out. Sign in with the new password.
link-organization-joined-heading = You are a member now
link-organization-joined-text = Go on, or close this page.
link-email-change-undone-heading = Your e-mail address is back
link-email-change-undone-text = The change is undone, and everybody who was signed in with your account is signed out. Your password is the one from before the change. Somebody else may know it: choose a new one now.

# Why a link did not work, and what follows from that.
link-failed-title = The link did not work
link-failed-heading = That did not work
link-broken = This link is incomplete or was changed on its way.
link-used = This link was used already, or a newer one was sent.
link-used-or-expired = This link was used already, is too old, or a newer one was sent.
link-expired = This link is too old.
link-not-an-address = That does not look like an e-mail address.
link-address-taken = Another account uses this address by now.
link-last-owner = You are the only owner of an organization that others are members of. Give it another owner, or delete it, first.
link-deletion-failed-text = If your account is still there, ask for its deletion once more while you are signed in.
link-email-change-failed-text = If somebody else has your account, write to those who run this site.
link-magic-link-failed-text = Ask for another where you sign in.
link-invitation-failed-text = Ask whoever invited you for another invitation.

# Why a sign-in through another service came to nothing, by its code.
link-oauth-account_not_linked = There is an account with this e-mail address already. Sign in to it in the way you did before, with its address verified, and link this way of signing in there.
link-oauth-email_not_verified = Your e-mail address is not verified yet. Press the button of the mail that we have sent to it, in this browser, then sign in again.
link-oauth-signup_disabled = There is no account for you, and new ones cannot be opened here.
link-oauth-email_domain_not_allowed = There is no account for you. Accounts here have e-mail addresses of other domains.
link-oauth-email_not_found = Your account there shows no e-mail address. Allow that it is shown, or sign in in another way.
link-oauth-email_does_not_match = That account has another e-mail address than yours here, so it was not linked.
link-oauth-account_already_linked_to_different_user = That account is linked to somebody else's here.
link-oauth-unable_to_link_account = You are not signed in as when you began. Sign in and try again.
link-oauth-access_denied = You did not allow the sign-in.
link-oauth-temporarily_unavailable = The service that you signed in with does not answer. Try again in a few minutes.
link-oauth-state_mismatch = This sign-in took too long, was finished already, or was begun in another browser. Begin it again.
link-oauth-two_factor_required = Your account asks for a code besides. The site has no page for that here; sign in from the page that has.
link-oauth-BANNED_USER = This account is closed.
link-oauth-other = The sign-in did not work. Try again.
