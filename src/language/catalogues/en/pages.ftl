### What all built-in pages share, and the pages of errors.

skip-to-content = Skip to content
further-links = Further links
pages = Pages
terms = Terms
privacy = Privacy
support = Help
language = Language
choose = Choose
continue = Continue
save = Save
cancel = Cancel
optional = optional
try-again = Try again
to-the-start = To the start page
impersonating = You are acting as { $email }.
impersonating-somebody = You are acting in another user’s place.
stop-impersonating = Back to your own account
error-heading = That did not work
error-form-expired-heading = This form is out of date
error-form-expired-text = Open the page again and send it once more. If this happens again, allow cookies for this site.
error-form-stale-heading = Somebody signed in or out meanwhile
error-form-stale-text = This form was opened before that. If you still want it, send it once more as you are signed in now; passwords have to be typed again.
error-host-heading = Forms are not taken at this address
error-host-text = Please open this page at { $public }. If you run this site: add { $origin } to auth.trusted_origins, then forms work here too.
error-400-heading = The request cannot be understood
error-400-text = Something in the address or the form is not as it should be.
error-401-heading = Please sign in
error-401-text = This page is for people who are signed in.
error-403-heading = You may not see this page
error-403-text = Your account does not have the permission that is needed here.
error-404-heading = There is no such page
error-404-text = The address may have a mistake in it, or the page was moved.
error-413-heading = That is too large
error-413-text = What was sent is larger than this site takes. Send less of it, or a smaller file.
error-429-heading = Too many requests
error-429-text = Wait a moment, then try again.
error-500-heading = Something went wrong here
error-500-text = It is not your fault. Those who run this site can find the cause in their log.
error-502-heading = The application does not respond
error-502-text = It may be starting. Try again in a moment.
error-503-heading = Not available at the moment
error-503-text = There is too much to do, or a part of this site is down. Nothing was lost; try again in a moment.
error-504-heading = The application takes too long
error-504-text = Try again in a moment.
error-reference = Reference for support: { $id }
try-again-soon = Try again in a moment.
retry-in-minutes =
    { $count ->
        [one] Try again in { $count } minute.
       *[other] Try again in { $count } minutes.
    }
