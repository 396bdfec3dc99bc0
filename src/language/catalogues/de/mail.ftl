### Mails. A paragraph of a text ends at an empty line; single line breaks do not count. Buttons also stand before the
### link in the plain text of a mail, with a colon. $app is the name of the site, $expiry a duration.

mail-greeting = Guten Tag,
mail-greeting-name = Guten Tag { $name },
mail-link-fallback = Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:

# In plain text.
mail-fact = { $label }: { $value }
mail-link = { $label }:

mail-verify-email-subject = Bestätigen Sie Ihre E-Mail-Adresse für { $app }
mail-verify-email-text = Bitte bestätigen Sie, dass dies Ihre E-Mail-Adresse ist, damit Sie sich bei { $app } anmelden können. Der Link gilt einmal, { $expiry } lang.
mail-verify-email-button = Adresse bestätigen
mail-verify-email-note = Sie haben sich nicht registriert? Dann hat sich jemand bei der Adresse vertippt, und Sie können diese Nachricht ignorieren: Ohne den Link kann niemand Ihre Adresse verwenden.

mail-welcome-subject = Ihr Konto bei { $app }
mail-welcome-text = Bei { $app } wurde ein Konto für Sie angelegt. Wählen Sie das Passwort, mit dem Sie sich anmelden. Der Link gilt einmal, { $expiry } lang.
mail-welcome-button = Passwort wählen
mail-welcome-note = Sie wissen nicht, worum es geht? Dann ignorieren Sie diese Nachricht: Ohne Zugang zu diesem Postfach kann sich niemand bei dem Konto anmelden.

mail-account-exists-subject = Sie haben bereits ein Konto bei { $app }
mail-account-exists-text = Jemand, vermutlich Sie selbst, wollte sich gerade bei { $app } mit dieser E-Mail-Adresse registrieren. Sie haben bereits ein Konto – melden Sie sich einfach an.
mail-account-exists-button = Anmelden
mail-account-exists-note = Das waren nicht Sie? Dann müssen Sie nichts tun: Ihr Konto und Ihr Passwort sind unverändert, und niemand hat erfahren, dass Sie ein Konto haben.

mail-reset-password-subject = Neues Passwort für { $app } festlegen
mail-reset-password-text = Jemand, vermutlich Sie selbst, hat ein neues Passwort für { $app } angefordert. Der Link gilt einmal, { $expiry } lang.
mail-reset-password-button = Neues Passwort wählen
mail-reset-password-note = Sie haben nichts angefordert? Dann ignorieren Sie diese Nachricht: Ihr Passwort bleibt, wie es ist, und ohne diesen Link kann es niemand ändern.

mail-password-changed-subject = Ihr Passwort für { $app } wurde geändert
mail-password-changed-text =
    Das Passwort Ihres Kontos bei { $app } wurde soeben geändert. Wenn Sie das waren, müssen Sie nichts tun.

    Wenn Sie es nicht waren, legen Sie sofort ein neues Passwort fest. Damit werden alle abgemeldet, die mit Ihrem Konto angemeldet sind.
mail-password-changed-button = Neues Passwort festlegen
mail-password-changed-note = Prüfen Sie danach, ob auch Ihr Postfach sicher ist.

mail-change-email-subject = Bestätigen Sie Ihre neue E-Mail-Adresse für { $app }
mail-change-email-text = Bitte bestätigen Sie, dass Ihr Konto bei { $app } ab jetzt diese E-Mail-Adresse verwenden soll. Der Link gilt einmal, { $expiry } lang.
mail-change-email-button = Diese Adresse verwenden
mail-change-email-note = Sie haben dort kein Konto oder haben nicht darum gebeten? Dann hat sich jemand bei der Adresse vertippt, und Sie können diese Nachricht ignorieren: Es ändert sich nichts.

mail-email-change-requested-subject = Ihre E-Mail-Adresse für { $app } soll geändert werden
mail-email-change-requested-text =
    Jemand, hoffentlich Sie selbst, möchte, dass Ihr Konto bei { $app } eine andere E-Mail-Adresse verwendet: { $email }

    Bis diese Adresse bestätigt ist, gilt weiterhin die bisherige. Wenn Sie das waren, müssen Sie hier nichts tun.

    Wenn Sie es nicht waren, legen Sie sofort ein neues Passwort fest. Damit ist die Anfrage hinfällig, und alle, die mit Ihrem Konto angemeldet sind, werden abgemeldet.
mail-email-change-requested-button = Neues Passwort festlegen
mail-email-change-requested-note = Ohne diesen Link ändert diese Nachricht nichts.

mail-email-changed-subject = Ihre E-Mail-Adresse für { $app } wurde geändert
mail-email-changed-text = Ihr Konto bei { $app } verwendet ab jetzt eine andere E-Mail-Adresse. Mit dieser ist es nicht mehr erreichbar, und dies ist die letzte Nachricht, die hier ankommt. Wenn Sie das waren, müssen Sie nichts tun.
mail-email-changed-button = Zu { $app }
mail-email-changed-note = Wenn Sie es nicht waren, schreiben Sie sofort an die Betreiber von { $app }.

mail-consent-email-change-subject = Eine andere E-Mail-Adresse für { $app } erlauben?
mail-consent-email-change-text =
    Jemand, der mit Ihrem Konto bei { $app } angemeldet ist, möchte, dass es eine andere E-Mail-Adresse verwendet: { $email }

    Wenn Sie das waren, öffnen Sie den Link und erlauben Sie es. Er gilt einmal, { $expiry } lang.
mail-consent-email-change-button = Änderung erlauben
mail-consent-email-change-note = Wenn Sie es nicht waren, öffnen Sie den Link nicht und legen Sie sofort ein neues Passwort fest: Damit werden alle abgemeldet, die mit Ihrem Konto angemeldet sind.

mail-email-changed-with-undo-subject = Ihre E-Mail-Adresse für { $app } wurde geändert
mail-email-changed-with-undo-text =
    Ihr Konto bei { $app } verwendet ab jetzt eine andere E-Mail-Adresse; mit dieser ist es nicht mehr erreichbar. Wenn Sie das waren, müssen Sie nichts tun.

    Wenn Sie es nicht waren, holen Sie sich Ihr Konto zurück. 7 Tage lang macht der Link die Änderung rückgängig, samt allem, was darauf folgte.
mail-email-changed-with-undo-button = Änderung rückgängig machen
mail-email-changed-with-undo-note = Das waren Sie? Dann ignorieren Sie diese Nachricht und öffnen Sie den Link nicht.

mail-email-change-undone-subject = Eine Änderung der E-Mail-Adresse für { $app } wurde rückgängig gemacht
mail-email-change-undone-text = Ein Konto bei { $app } verwendete diese E-Mail-Adresse; die Änderung wurde von der vorherigen Adresse aus rückgängig gemacht. Mit dieser Adresse ist das Konto nicht mehr erreichbar.
mail-email-change-undone-button = Zu { $app }
mail-email-change-undone-note = Wenn Sie das nicht erwartet haben, schreiben Sie an die Betreiber von { $app }.

mail-delete-user-subject = Ihr Konto bei { $app } löschen?
mail-delete-user-text = Sie möchten Ihr Konto bei { $app } löschen, mit allem, was dazugehört. Das lässt sich nicht rückgängig machen. Der Link gilt einmal, { $expiry } lang.
mail-delete-user-button = Mein Konto löschen
mail-delete-user-note = Sie haben nicht darum gebeten? Dann öffnen Sie den Link nicht und ändern Sie Ihr Passwort: Jemand ist mit Ihrem Konto angemeldet.

mail-user-deleted-subject = Ihr Konto bei { $app } wurde gelöscht
mail-user-deleted-text = Ihr Konto bei { $app } wurde gelöscht, und Sie sind überall abgemeldet. Dies ist die letzte Nachricht dazu.
mail-user-deleted-button = Zu { $app }
mail-user-deleted-note = Wenn Sie es nicht waren, schreiben Sie an die Betreiber von { $app }.

mail-failed-sign-ins-subject = Viele fehlgeschlagene Anmeldeversuche bei Ihrem Konto bei { $app }
mail-failed-sign-ins-text =
    Jemand hat viele Male hintereinander versucht, sich mit einem falschen Passwort bei Ihrem Konto bei { $app } anzumelden. Weitere Versuche werden eine Zeit lang abgelehnt.

    Wer angemeldet ist, bleibt es. Wenn Sie es waren und Ihr Passwort vergessen haben, legen Sie ein neues fest; damit endet auch die Wartezeit.
mail-failed-sign-ins-button = Neues Passwort festlegen
mail-failed-sign-ins-note = Wenn Sie es nicht waren, müssen Sie nichts tun, solange Sie Ihr Passwort nirgendwo sonst verwenden.

mail-new-device-subject = Neue Anmeldung bei Ihrem Konto bei { $app }
mail-new-device-text = Jemand, vermutlich Sie selbst, hat sich gerade bei Ihrem Konto bei { $app } angemeldet, mit einem Gerät, das wir bei Ihnen noch nicht gesehen haben:
mail-new-device-button = { $app } öffnen
mail-new-device-note = Das waren Sie? Dann müssen Sie nichts tun. Das waren nicht Sie? Dann kann sich jemand anderes in Ihrem Namen anmelden: Legen Sie sofort ein anderes Passwort fest und melden Sie die anderen Geräte ab.
mail-device = Gerät
mail-place = Wo
mail-time = Wann

mail-code-sign-in-subject = Ihr Code zur Anmeldung bei { $app }
mail-code-sign-in-text = Mit diesem Code melden Sie sich bei { $app } an:
mail-code-verify-email-subject = Ihr Code zur Bestätigung Ihrer E-Mail-Adresse für { $app }
mail-code-verify-email-text = Mit diesem Code bestätigen Sie, dass dies Ihre E-Mail-Adresse bei { $app } ist:
mail-code-reset-password-subject = Ihr Code für ein neues Passwort bei { $app }
mail-code-reset-password-text = Mit diesem Code legen Sie ein neues Passwort für Ihr Konto bei { $app } fest:
mail-code-change-email-subject = Ihr Code zur Bestätigung Ihrer neuen E-Mail-Adresse für { $app }
mail-code-change-email-text = Mit diesem Code bestätigen Sie, dass dies Ihre neue E-Mail-Adresse bei { $app } ist:
mail-code-note =
    Er gilt einmal, { $expiry } lang. Geben Sie ihn auf der Seite ein, die danach gefragt hat, und verraten Sie ihn niemandem: Wer ihn hat, kann es an Ihrer Stelle tun.

    Sie haben ihn nicht angefordert? Dann hat sich jemand bei der Adresse vertippt, und Sie können diese Nachricht ignorieren: Ohne den Code geschieht nichts.

mail-magic-link-subject = Bei { $app } anmelden
mail-magic-link-text = Mit diesem Link melden Sie sich bei { $app } an. Er gilt einmal, { $expiry } lang.
mail-magic-link-button = Anmelden
mail-magic-link-note = Sie haben ihn nicht angefordert? Dann hat sich jemand bei der Adresse vertippt, und Sie können diese Nachricht ignorieren: Ohne den Link kommt niemand in Ihr Konto.

mail-two-factor-code-subject = Ihr Code für { $app }
mail-two-factor-code-text = Geben Sie diesen Code ein, um bei { $app } fortzufahren. Er gilt { $expiry } lang.
mail-two-factor-code-button = { $app } öffnen
mail-two-factor-code-note = Wenn Sie keinen Code angefordert haben, kennt vielleicht jemand Ihr Passwort: Legen Sie ein anderes fest. Niemand, der für { $app } arbeitet, fragt Sie jemals nach einem Code.

mail-two-factor-enabled-subject = Die Zwei-Faktor-Authentifizierung für { $app } ist eingeschaltet
mail-two-factor-enabled-text =
    Für Ihr Konto bei { $app } ist die Zwei-Faktor-Authentifizierung eingeschaltet: Die Anmeldung verlangt ab jetzt zusätzlich zum Passwort einen Code. Wenn Sie das eingerichtet haben, müssen Sie nichts tun. Bewahren Sie Ihre Ersatzcodes an einem sicheren Ort auf.

    Wenn Sie es nicht waren, legen Sie sofort ein neues Passwort fest. Damit werden alle abgemeldet, die mit Ihrem Konto angemeldet sind.
mail-two-factor-enabled-button = Neues Passwort festlegen
mail-two-factor-enabled-note = Schreiben Sie danach an die Betreiber dieser Website: Nur sie können eine Zwei-Faktor-Authentifizierung ausschalten, die jemand anderes eingerichtet hat.

mail-two-factor-disabled-subject = Die Zwei-Faktor-Authentifizierung für { $app } ist ausgeschaltet
mail-two-factor-disabled-text =
    Für Ihr Konto bei { $app } ist die Zwei-Faktor-Authentifizierung ausgeschaltet: Zur Anmeldung genügt wieder das Passwort. Wenn Sie sie ausgeschaltet haben, müssen Sie nichts tun.

    Wenn Sie es nicht waren, legen Sie sofort ein neues Passwort fest. Damit werden alle abgemeldet, die mit Ihrem Konto angemeldet sind.
mail-two-factor-disabled-button = Neues Passwort festlegen
mail-two-factor-disabled-note = Melden Sie sich danach an und richten Sie die Zwei-Faktor-Authentifizierung wieder ein.

mail-backup-code-used-subject = Ein Ersatzcode für { $app } wurde verwendet
mail-backup-code-used-text =
    Ein Ersatzcode Ihres Kontos bei { $app } wurde soeben anstelle Ihres zweiten Faktors verwendet. Er ist damit verbraucht. Verbleibende Codes: { $left }. Wenn Sie das waren, müssen Sie nichts tun.

    Wenn Sie es nicht waren, legen Sie sofort ein neues Passwort fest. Damit werden alle abgemeldet, die mit Ihrem Konto angemeldet sind.
mail-backup-code-used-button = Neues Passwort festlegen
mail-backup-code-used-note = Ersetzen Sie danach Ihre Ersatzcodes.

mail-backup-codes-replaced-subject = Ihre Ersatzcodes für { $app } wurden ersetzt
mail-backup-codes-replaced-text =
    Die Ersatzcodes Ihres Kontos bei { $app } wurden ersetzt. Die bisherigen gelten nicht mehr. Wenn Sie das waren, müssen Sie nichts tun.

    Wenn Sie es nicht waren, legen Sie sofort ein neues Passwort fest. Damit werden alle abgemeldet, die mit Ihrem Konto angemeldet sind.
mail-backup-codes-replaced-button = Neues Passwort festlegen
mail-backup-codes-replaced-note = Ersetzen Sie danach Ihre Ersatzcodes noch einmal.

mail-passkey-added-subject = Ihrem Konto bei { $app } wurde ein Passkey hinzugefügt
mail-passkey-added-text =
    Ihrem Konto bei { $app } wurde ein Passkey hinzugefügt. Er genügt zur Anmeldung, ohne Passwort und ohne zweiten Faktor. Wenn Sie ihn hinzugefügt haben, müssen Sie nichts tun.

    Wenn Sie es nicht waren, legen Sie sofort ein neues Passwort fest. Damit werden alle abgemeldet, die mit Ihrem Konto angemeldet sind.
mail-passkey-added-button = Neues Passwort festlegen
mail-passkey-added-note = Melden Sie sich danach an und entfernen Sie den Passkey: Ein neues Passwort tut das nicht.

mail-passkey-removed-subject = Ein Passkey Ihres Kontos bei { $app } wurde entfernt
mail-passkey-removed-text =
    Ein Passkey Ihres Kontos bei { $app } wurde entfernt; niemand kann sich mehr damit anmelden. Wenn Sie ihn entfernt haben, müssen Sie nichts tun.

    Wenn Sie es nicht waren, legen Sie sofort ein neues Passwort fest. Damit werden alle abgemeldet, die mit Ihrem Konto angemeldet sind.
mail-passkey-removed-button = Neues Passwort festlegen
mail-passkey-removed-note = Melden Sie sich danach an und fügen Sie wieder einen Passkey hinzu.

mail-organization-invitation-subject = Einladung: { $organization } bei { $app }
mail-organization-invitation-text = { $inviter } lädt Sie ein, bei { $app } Mitglied zu werden: { $organization }. Die Einladung können Sie { $expiry } lang annehmen.
mail-organization-invitation-button = Einladung ansehen
mail-organization-invitation-note = Sie wissen nicht, worum es geht? Dann ignorieren Sie diese Nachricht: Ohne Zugang zu diesem Postfach kann niemand die Einladung annehmen.
# Stands for $organization where its name could be taken for a link.
mail-organization-invitation-unnamed = eine Organisation
