### The pages of one's own account.

## Navigation and what pages share.

account-settings = Profil
account-security = Sicherheit
account-api-keys = API-Schlüssel
account-organizations = Organisationen
account-data = Ihre Daten
account-not-taken = Das kann hier nicht verwendet werden.
last-used = Zuletzt benutzt am { $time }
never-used = Nie benutzt
created = Erstellt am { $day }
copy = Kopieren
copied = Kopiert
one-a-line = Ein Eintrag pro Zeile.

## What went well.

account-said-saved = Gespeichert.
account-said-email-asked = Eine E-Mail ist unterwegs. Bis die neue Adresse bestätigt ist, gilt die alte.
account-said-email-changed = Ihre neue Adresse ist bestätigt.
account-said-email-verified = Ihre Adresse ist bestätigt.
account-said-verification-sent = Eine E-Mail mit einem Link ist unterwegs.
account-said-password-changed = Ihr neues Passwort ist festgelegt.
account-said-session-ended = Das Gerät ist abgemeldet.
account-said-sessions-ended = Sie sind überall sonst abgemeldet.
account-said-linked = Verknüpft.
account-said-unlinked = Die Verknüpfung ist entfernt.
account-said-passkey-added = Der Passkey ist hinzugefügt.
account-said-passkey-removed = Der Passkey ist entfernt.
account-said-two-step-on = Die Zwei-Faktor-Authentifizierung ist eingeschaltet. Bewahren Sie Ihre Ersatzcodes sicher auf.
account-said-two-step-off = Die Zwei-Faktor-Authentifizierung ist ausgeschaltet.
account-said-device-ended = Die nächste Anmeldung dort fragt wieder nach einem Code.
account-said-api-key-deleted = Der Schlüssel ist gelöscht.
account-said-organization-made = Die Organisation ist angelegt. Laden Sie jetzt Mitglieder ein.
account-said-invitation-accepted = Willkommen! Sie sind jetzt Mitglied.
account-said-invitation-rejected = Die Einladung ist abgelehnt.
account-said-org-active = Sie arbeiten jetzt in dieser Organisation.
account-said-org-rename = Gespeichert.
account-said-org-invite = Die Einladung ist unterwegs.
account-said-org-cancel = Die Einladung ist zurückgezogen.
account-said-org-member-removed = Das Mitglied ist entfernt.
account-said-org-leave = Sie haben die Organisation verlassen.
account-said-org-delete = Die Organisation ist gelöscht.
account-said-deletion-mailed = Eine E-Mail mit einem Link ist unterwegs. Ihr Konto wird gelöscht, wenn Sie ihn öffnen und bestätigen.

## A fresh proof of who somebody is.

prove-title = Bevor es weitergeht
prove-heading = Bestätigen Sie, dass Sie es sind
prove-text = Ihre Anmeldung ist eine Weile her. Geben Sie Ihr Passwort noch einmal ein, um fortzufahren.
prove-show = Passwort eingeben
prove-again-text = Ihre Anmeldung ist eine Weile her. Melden Sie sich noch einmal an, um fortzufahren.
prove-again = Noch einmal anmelden
prove-code-text = Dafür ist Ihr zweiter Faktor nötig: ein Code aus Ihrer App oder ein Ersatzcode.
prove-code = Code eingeben
prove-set-up-text = Dafür ist die Zwei-Faktor-Authentifizierung nötig. Richten Sie sie zuerst ein.

## Settings.

account-profile = Über Sie
account-picture = Bild
account-picture-now = Ihr Bild
account-picture-new = Neues Bild
account-picture-hint = PNG, JPEG, WebP oder GIF, bis { $size } KB.
account-picture-send = Dieses Bild verwenden
account-picture-remove = Bild entfernen
account-picture-no-picture = Diese Datei ist kein PNG-, JPEG-, WebP- oder GIF-Bild, oder sie ist zu groß.
account-email-verified = bestätigt
account-email-unverified = nicht bestätigt
account-email-now = Ihre Adresse
account-email-new = Neue E-Mail-Adresse
account-email-hint = Sie bestätigen sie über den Link in einer E-Mail an die neue Adresse.
account-email-change = Adresse ändern
account-email-consent = Sie möchten Ihre Adresse in { $email } ändern. Erlauben Sie das bis zum { $until } über den Link in der E-Mail an Ihre jetzige Adresse.
account-email-proof = Sie möchten Ihre Adresse in { $email } ändern. Bestätigen Sie das bis zum { $until } über den Link in der E-Mail an die neue Adresse.
account-language-text = Die Sprache dieser Seiten und der E-Mails an Sie.

## Security.

password-change = Passwort ändern
password-end-others = Auf allen anderen Geräten abmelden
password-first-text = Sie haben noch kein Passwort. Mit einem Passwort können Sie sich auch über Ihre E-Mail-Adresse anmelden.
sessions = Wo Sie angemeldet sind
sessions-text = Wenn Sie eines dieser Geräte nicht kennen, melden Sie es ab und ändern Sie Ihr Passwort.
sessions-device = { $browser } unter { $os }
sessions-unknown-device = Unbekanntes Gerät
sessions-current = dieses Gerät
sessions-since = Angemeldet am { $time }
sessions-end = Abmelden
sessions-end-others = Überall sonst abmelden
identities = Verknüpfte Konten
identities-text = Auch damit können Sie sich anmelden.
identities-since = Verknüpft seit { $day }
identities-link = Verknüpfen
identities-unlink = Entfernen
identities-unlink-heading = { $provider } entfernen?
identities-unlink-text = Sie können sich nicht mehr mit { $provider } anmelden. Ihr Konto bleibt bestehen.
identities-failed = Das Verknüpfen hat nicht funktioniert. Vielleicht gehört das Konto hier schon zu jemand anderem.
passkeys = Passkeys
passkeys-text = Mit einem Passkey melden Sie sich per Fingerabdruck, Gesicht oder Geräte-PIN an, ohne Passwort.
passkeys-none = Sie haben noch keinen.
passkey-name = Name des Passkeys
passkey-name-hint = Woran Sie ihn erkennen, etwa „Arbeitslaptop“.
passkey-unnamed = Passkey ohne Namen
passkey-synced = synchronisiert
passkey-add = Passkey hinzufügen
passkey-add-failed = Der Passkey wurde nicht hinzugefügt. Versuchen Sie es noch einmal.
passkey-needs-script = Um einen Passkey hinzuzufügen, ist JavaScript nötig, das dieser Browser hier nicht ausführt.
passkey-manage = Verwalten
passkey-rename = Umbenennen
passkey-remove = Passkey entfernen
passkey-remove-text = Sie können sich damit nicht mehr anmelden. Entfernen Sie ihn auch von Ihrem Gerät.
two-step = Zwei-Faktor-Authentifizierung
two-step-text = Nach dem Passwort fragt die Anmeldung nach einem Code. Ein gestohlenes Passwort allein öffnet nichts.
two-step-on = ein
two-step-off = aus
two-step-set-up = Zwei-Faktor-Authentifizierung einrichten
two-step-begin-text = Halten Sie Ihr Telefon bereit.
two-step-way = Woher die Codes kommen
two-step-way-app = Eine Authenticator-App
two-step-way-mail = E-Mails an meine Adresse
two-step-scan = 1. QR-Code mit Ihrer App scannen
two-step-scan-text = Jede Authenticator-App kann ihn mit der Kamera lesen.
two-step-qr = QR-Code für Ihre Authenticator-App
two-step-by-hand = Oder geben Sie dies in die App ein:
two-step-codes-heading = Ihre Ersatzcodes
two-step-codes-text = Drucken oder notieren Sie sie jetzt: Sie werden nur dieses eine Mal angezeigt. Jeder hilft einmal bei der Anmeldung, wenn Sie Ihr Telefon nicht zur Hand haben.
two-step-prove = Ersten Code eingeben
two-step-confirm = Einschalten
two-step-again = Von vorn beginnen
two-step-codes = Neue Ersatzcodes
two-step-codes-ask = Die bisherigen Codes gelten dann nicht mehr. Auf Ihren anderen Geräten werden Sie abgemeldet.
two-step-disable = Zwei-Faktor-Authentifizierung ausschalten
two-step-disable-text = Dann öffnet Ihr Passwort allein Ihr Konto. Auf Ihren anderen Geräten werden Sie abgemeldet.
devices = Vertrauenswürdige Geräte
devices-text = Auf diesen Geräten fragt die Anmeldung nicht nach einem Code.
devices-none = Es gibt keine.
devices-until = Vertrauenswürdig bis { $day }
devices-end = Wieder nach einem Code fragen

## API keys.

api-keys = Ihre Schlüssel
api-keys-text = Mit einem Schlüssel kann ein Programm für Sie handeln.
api-keys-none = Sie haben noch keinen.
api-keys-new = Neuer Schlüssel
api-keys-name = Name des Schlüssels
api-keys-name-hint = Woran Sie ihn erkennen, etwa „Backup-Skript“.
api-keys-lasts = Wie lange er gilt
api-keys-lasting = Bis ich ihn lösche
api-keys-make = Schlüssel erstellen
api-keys-may = Neue Schlüssel erlauben: { $scopes }
api-keys-scopes = Erlaubt: { $scopes }
api-keys-until = Gilt bis { $day }
api-keys-disabled = ausgeschaltet
api-keys-disable = Ausschalten
api-keys-enable = Einschalten
api-keys-delete = Löschen
api-keys-delete-heading = Diesen Schlüssel löschen?
api-keys-delete-text = Programme, die ihn benutzen, werden dann abgewiesen.
api-keys-made = Ihr neuer Schlüssel
api-keys-made-heading = Kopieren Sie den Schlüssel jetzt
api-keys-made-text = Er wird nur dieses eine Mal angezeigt. Bewahren Sie ihn wie ein Passwort auf.

## Organizations.

org-own = Ihre Organisationen
org-text = In einer Organisation arbeiten Sie mit anderen zusammen.
org-none = Sie sind noch in keiner Mitglied.
org-open = Öffnen
org-active = aktiv
org-new = Neue Organisation
org-name = Name
org-slug = Kurzname
org-slug-hint = Kleinbuchstaben, Ziffern und Bindestriche. Bleibt er leer, wird er aus dem Namen gebildet.
org-slug-change-hint = Kleinbuchstaben, Ziffern und Bindestriche.
org-found = Organisation anlegen
org-invitations-own = Einladungen für Sie
org-invited-until = Offen bis { $day }
org-accept = Annehmen
org-reject = Ablehnen
org-role = Rolle
org-role-owner = Inhaber
org-role-admin = Administrator
org-role-member = Mitglied
org-role-text = Administratoren können Mitglieder einladen und verwalten. Inhaber können die Organisation auch löschen.
org-about = Allgemeines
org-activate = In dieser Organisation arbeiten
org-members = Mitglieder
org-you = Sie
org-member-change = Ändern
org-member-remove = Aus der Organisation entfernen
org-member-remove-text = Der Zugang endet sofort. Das Konto bleibt bestehen.
org-invitations = Offene Einladungen
org-invitation-cancel = Zurückziehen
org-invite = Jemanden einladen
org-invite-send = Einladung senden
org-change = Name und Kurzname
org-end = Verlassen oder löschen
org-leave = Organisation verlassen
org-leave-heading = Diese Organisation verlassen?
org-leave-text = Zurück kommen Sie nur mit einer neuen Einladung.
org-delete = Organisation löschen
org-delete-heading = Diese Organisation löschen?
org-delete-text = Alle Mitgliedschaften und Einladungen werden mit gelöscht. Das lässt sich nicht rückgängig machen.

## Data, and the end of the account.

data-export-heading = Eine Kopie Ihrer Daten
data-export-text = Alles, was hier über Sie gespeichert ist, als Datei, die Programme lesen können. Sie enthält keine Geheimnisse.
data-export = Herunterladen
delete-account = Konto löschen
delete-account-lead = Ihr Konto mit allem darin.
delete-account-sure = Sind Sie sicher?
delete-account-text = Ihr Konto wird mit allem darin gelöscht. Das lässt sich nicht rückgängig machen.
delete-account-mailed = Sie erhalten zuerst eine E-Mail mit einem Link. Wenn Sie ihn öffnen und bestätigen, wird Ihr Konto mit allem darin gelöscht.

## Numbers.

sessions-more =
    { $count ->
        [one] { $count } weitere anzeigen
       *[other] { $count } weitere anzeigen
    }
api-keys-days =
    { $count ->
        [one] { $count } Tag
       *[other] { $count } Tage
    }
