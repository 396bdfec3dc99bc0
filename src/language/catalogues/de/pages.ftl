### What all built-in pages share, and the pages of errors.

skip-to-content = Zum Inhalt springen
further-links = Weitere Links
pages = Seiten
terms = Nutzungsbedingungen
privacy = Datenschutz
support = Hilfe
language = Sprache
choose = Auswählen
continue = Weiter
save = Speichern
cancel = Abbrechen
optional = optional
try-again = Noch einmal versuchen
to-the-start = Zur Startseite
impersonating = Sie handeln gerade als { $email }.
impersonating-somebody = Sie handeln gerade an der Stelle einer anderen Person.
stop-impersonating = Zurück zum eigenen Konto
error-heading = Das hat nicht funktioniert
error-form-expired-heading = Dieses Formular ist veraltet
error-form-expired-text = Öffnen Sie die Seite neu und senden Sie das Formular noch einmal ab. Geschieht das wieder, erlauben Sie Cookies für diese Website.
error-form-stale-heading = In der Zwischenzeit hat sich jemand an- oder abgemeldet
error-form-stale-text = Dieses Formular wurde davor geöffnet. Wenn Sie es weiterhin absenden möchten, geschieht das mit dem Konto, mit dem Sie jetzt angemeldet sind; Passwörter müssen Sie neu eingeben.
error-host-heading = Unter dieser Adresse werden keine Formulare angenommen
error-host-text = Öffnen Sie diese Seite bitte unter { $public }. Wenn Sie diese Website betreiben: Mit { $origin } in auth.trusted_origins funktionieren Formulare auch hier.
error-400-heading = Die Anfrage ist nicht verständlich
error-400-text = Etwas an der Adresse oder am Formular stimmt nicht.
error-401-heading = Bitte melden Sie sich an
error-401-text = Diese Seite ist für angemeldete Personen.
error-403-heading = Diese Seite ist für Sie gesperrt
error-403-text = Ihr Konto hat nicht die Berechtigung, die hier nötig ist.
error-404-heading = Diese Seite gibt es nicht
error-404-text = Vielleicht ist in der Adresse ein Fehler, oder die Seite ist umgezogen.
error-413-heading = Das ist zu groß
error-413-text = Was gesendet wurde, ist größer, als diese Website annimmt. Senden Sie weniger oder eine kleinere Datei.
error-429-heading = Zu viele Anfragen
error-429-text = Warten Sie einen Moment und versuchen Sie es dann noch einmal.
error-500-heading = Hier ist etwas schiefgegangen
error-500-text = Es liegt nicht an Ihnen. Wer diese Website betreibt, findet die Ursache im Serverprotokoll.
error-502-heading = Die Anwendung antwortet nicht
error-502-text = Vielleicht startet sie gerade. Versuchen Sie es gleich noch einmal.
error-503-heading = Im Moment nicht verfügbar
error-503-text = Es ist gerade zu viel los, oder ein Teil der Website ist ausgefallen. Es ist nichts verloren gegangen; versuchen Sie es gleich noch einmal.
error-504-heading = Die Anwendung braucht zu lange
error-504-text = Versuchen Sie es gleich noch einmal.
error-reference = Kennung für Rückfragen: { $id }
try-again-soon = Versuchen Sie es gleich noch einmal.
retry-in-minutes =
    { $count ->
        [one] Versuchen Sie es in { $count } Minute noch einmal.
       *[other] Versuchen Sie es in { $count } Minuten noch einmal.
    }
