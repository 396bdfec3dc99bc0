### The pages that mailed links open.

# The pages that mailed links open: what their one button does.
link-nothing-happens = Wenn Sie das nicht angefordert haben, schließen Sie die Seite: Es geschieht nichts.
link-verify-email-heading = Bestätigen Sie Ihre E-Mail-Adresse
link-verify-email-text = Drücken Sie die Schaltfläche, um zu bestätigen, dass diese Adresse Ihre ist.
link-verify-email-button = Adresse bestätigen
link-verify-email-password = Ihr Passwort: das gewählte oder ein neues mit mindestens { $min } Zeichen
link-verify-email-password-hint = Sie haben sich nicht in diesem Browser registriert; deshalb gilt nur das Passwort, das Sie hier eingeben. Ohne Eingabe wählen Sie es auf der nächsten Seite.
link-magic-link-heading = Anmelden
link-magic-link-text = Drücken Sie die Schaltfläche, um sich mit dieser Adresse anzumelden:
link-magic-link-button = Anmelden
link-magic-link-otherwise = Wenn Sie das nicht angefordert haben oder die Adresse nicht Ihre ist, schließen Sie die Seite: Es geschieht nichts.
link-allow-email-change-heading = Änderung Ihrer E-Mail-Adresse erlauben
link-allow-email-change-text = Jemand, der mit Ihrem Konto angemeldet ist, möchte die Adresse verwenden, die in der Nachricht steht. Wenn Sie das waren, drücken Sie die Schaltfläche: Als Nächstes kommt eine Nachricht an jene Adresse.
link-allow-email-change-button = Änderung erlauben
link-allow-email-change-otherwise = Wenn Sie das nicht angefordert haben, schließen Sie die Seite: Es geschieht nichts. Legen Sie danach ein neues Passwort fest; damit werden alle abgemeldet, die mit Ihrem Konto angemeldet sind.
link-undo-email-change-heading = Holen Sie sich Ihre E-Mail-Adresse zurück
link-undo-email-change-text = Drücken Sie die Schaltfläche, wenn nicht Sie die Adresse Ihres Kontos geändert haben. Dann gilt wieder diese Adresse und das Passwort von vor der Änderung, alle werden abgemeldet, und was nach der Änderung kam, endet.
link-undo-email-change-button = Änderung rückgängig machen
link-undo-email-change-otherwise = Wenn Sie die Adresse selbst geändert haben, schließen Sie die Seite: Es geschieht nichts.
link-delete-user-heading = Ihr Konto löschen
link-delete-user-text = Ihr Konto und alles, was dazugehört, wird gelöscht, und Sie werden überall abgemeldet. Das lässt sich nicht rückgängig machen.
link-delete-user-button = Mein Konto löschen
link-choose-password-heading = Wählen Sie ein neues Passwort
link-new-password = Ihr neues Passwort, mindestens { $min } Zeichen
link-set-password = Passwort festlegen
link-choose-password-otherwise = Alle, die mit Ihrem Konto angemeldet sind, werden abgemeldet. Wenn Sie das nicht angefordert haben, schließen Sie die Seite: Es geschieht nichts.
link-request-reset-heading = Neues Passwort festlegen
link-request-reset-text = Ein Link zum Festlegen eines neuen Passworts kommt per E-Mail:
link-email = Ihre E-Mail-Adresse
link-request-reset-button = Link senden
link-verify-email-again = Wenn Ihre Adresse schon bestätigt ist, melden Sie sich einfach an. Andernfalls fordern Sie eine neue E-Mail an:
link-verify-email-again-button = Neue E-Mail senden
link-invitation-title = Sie sind eingeladen
link-invitation-heading = Einladung: { $organization }
link-invitation-text = { $inviter } lädt { $email } ein, als { $role }.
link-invitation-button = Beitreten: { $organization }
link-invitation-otherwise = Wenn Sie nicht wissen, worum es geht, schließen Sie die Seite: Es geschieht nichts.
link-invitation-sign-in = Melden Sie sich in diesem Browser mit der Adresse { $email } an und öffnen Sie dann den Link der E-Mail noch einmal.
link-invitation-no-account = Sie haben noch kein Konto? Registrieren Sie sich mit dieser Adresse.
link-invitation-sign-up = Registrieren

# What pressing the button led to.
link-sign-in = Anmelden
link-go-on = Weiter
link-close-page = Sie können diese Seite schließen.
link-email-verified-heading = Ihre Adresse ist bestätigt
link-email-verified-text = Sie können diese Seite schließen und sich anmelden.
link-signed-in-heading = Sie sind angemeldet
link-signed-in-text = Sie sind angemeldet. Fahren Sie fort oder schließen Sie diese Seite.
link-mailbox-heading = Sehen Sie in Ihr Postfach
link-verification-sent-text = Wenn diese Adresse zu einem Konto gehört, das noch nicht bestätigt ist, ist eine neue E-Mail unterwegs. Das kann eine Minute dauern.
link-reset-sent-text = Wenn diese Adresse zu einem Konto gehört, ist eine E-Mail mit einem Link unterwegs. Das kann eine Minute dauern.
link-email-changed-heading = Ihre neue Adresse gilt jetzt
link-email-changed-text = Melden Sie sich ab jetzt damit an. Sie können diese Seite schließen.
link-email-taken = Diese Adresse wird inzwischen verwendet. Ihr Konto behält die bisherige.
link-email-change-allowed-heading = Die Änderung ist erlaubt
link-email-change-allowed-text = Eine Nachricht wurde an die neue Adresse geschickt. Öffnen Sie den Link darin; bis dahin gilt die alte Adresse. Sie können diese Seite schließen.
link-user-deleted-heading = Ihr Konto ist gelöscht
link-user-deleted-text = Sie sind überall abgemeldet. Sie können diese Seite schließen.
link-password-set-heading = Ihr neues Passwort ist festgelegt
link-password-set-text = Alle, die mit Ihrem Konto angemeldet waren, sind abgemeldet. Melden Sie sich mit dem neuen Passwort an.
link-organization-joined-heading = Sie sind jetzt Mitglied
link-organization-joined-text = Fahren Sie fort oder schließen Sie diese Seite.
link-email-change-undone-heading = Sie haben Ihre E-Mail-Adresse wieder
link-email-change-undone-text = Die Änderung ist rückgängig gemacht, und alle, die mit Ihrem Konto angemeldet waren, sind abgemeldet. Es gilt das Passwort von vor der Änderung. Jemand anderes könnte es kennen: Wählen Sie jetzt ein neues.

# Why a link did not work, and what follows from that.
link-failed-title = Der Link hat nicht funktioniert
link-failed-heading = Das hat nicht funktioniert
link-broken = Dieser Link ist unvollständig oder wurde unterwegs verändert.
link-used = Dieser Link wurde schon verwendet, oder es wurde ein neuerer verschickt.
link-used-or-expired = Dieser Link wurde schon verwendet, ist abgelaufen, oder es wurde ein neuerer verschickt.
link-expired = Dieser Link ist abgelaufen.
link-not-an-address = Das sieht nicht nach einer E-Mail-Adresse aus.
link-address-taken = Ein anderes Konto verwendet diese Adresse inzwischen.
link-last-owner = Sie sind die einzige Person, der eine Organisation mit weiteren Mitgliedern gehört. Übergeben Sie sie zuerst oder löschen Sie sie.
link-deletion-failed-text = Wenn Ihr Konto noch besteht, fordern Sie die Löschung noch einmal an, während Sie angemeldet sind.
link-email-change-failed-text = Wenn jemand anderes Ihr Konto hat, schreiben Sie an die Betreiber dieser Website.
link-magic-link-failed-text = Fordern Sie dort einen neuen an, wo Sie sich anmelden.
link-invitation-failed-text = Bitten Sie die Person, die Sie eingeladen hat, um eine neue Einladung.

# Why a sign-in through another service came to nothing, by its code.
link-oauth-account_not_linked = Zu dieser E-Mail-Adresse gibt es bereits ein Konto. Melden Sie sich dort auf die bisherige Weise an, mit bestätigter Adresse, und verknüpfen Sie diese Anmeldemöglichkeit dort.
link-oauth-email_not_verified = Ihre E-Mail-Adresse ist noch nicht bestätigt. Öffnen Sie in diesem Browser den Link der E-Mail, die wir an sie geschickt haben, und melden Sie sich dann noch einmal an.
link-oauth-signup_disabled = Es gibt kein Konto für Sie, und neue können hier nicht angelegt werden.
link-oauth-email_domain_not_allowed = Es gibt kein Konto für Sie. Konten hier haben E-Mail-Adressen anderer Domains.
link-oauth-email_not_found = Ihr Konto dort zeigt keine E-Mail-Adresse. Erlauben Sie, dass sie gezeigt wird, oder melden Sie sich anders an.
link-oauth-email_does_not_match = Jenes Konto hat eine andere E-Mail-Adresse als Ihres hier und wurde nicht verknüpft.
link-oauth-account_already_linked_to_different_user = Jenes Konto ist hier mit dem Konto einer anderen Person verknüpft.
link-oauth-unable_to_link_account = Sie sind nicht mehr so angemeldet wie zu Beginn. Melden Sie sich an und versuchen Sie es noch einmal.
link-oauth-access_denied = Sie haben die Anmeldung nicht erlaubt.
link-oauth-temporarily_unavailable = Der Dienst, mit dem Sie sich anmelden wollten, antwortet nicht. Versuchen Sie es in einigen Minuten noch einmal.
link-oauth-state_mismatch = Diese Anmeldung hat zu lange gedauert, war schon abgeschlossen oder wurde in einem anderen Browser begonnen. Beginnen Sie noch einmal.
link-oauth-two_factor_required = Ihr Konto verlangt zusätzlich einen Code. Hier gibt es dafür keine Seite; melden Sie sich dort an, wo es eine gibt.
link-oauth-BANNED_USER = Dieses Konto ist gesperrt.
link-oauth-other = Die Anmeldung hat nicht funktioniert. Versuchen Sie es noch einmal.
