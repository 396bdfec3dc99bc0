### The pages of administration.

admin-users = Benutzer
admin-organizations = Organisationen
admin-audit = Audit-Protokoll
admin-outbox = Postausgang
admin-health = Zustand
admin-paging = Seiten der Liste
admin-previous = Zurück
admin-next = Weiter
admin-to-the-first = Zum Anfang
admin-page-of = { $first }–{ $last } von { $total }
admin-search = Suchen
admin-search-in = Suchen in
admin-any = Alle
admin-role = Rolle
admin-roles = Rollen
admin-roles-hint = Mehrere durch Kommas trennen, etwa admin, support.
admin-filter-ban = Sperre
admin-banned = Gesperrt
admin-not-banned = Nicht gesperrt
admin-filter-address = Adresse
admin-verified = Adresse bestätigt
admin-not-verified = Adresse nicht bestätigt
admin-two-factor = Zwei-Faktor-Authentifizierung
admin-users-found =
    { $count ->
        [one] { $count } Benutzer
       *[other] { $count } Benutzer
    }
admin-created = Angelegt am { $when }
admin-since = Seit { $when }
admin-create-user = Benutzer anlegen
admin-create-user-text = Ohne Passwort erhält die Person eine E-Mail mit einem Link, um eines zu wählen.
admin-password-hint = Leer lassen, damit die Person selbst wählt.
admin-address-is-theirs = Die Adresse gehört nachweislich der Person
admin-about = Angaben
admin-created-at = Angelegt
admin-changed-at = Letzte Änderung
admin-user-id = Kennung
admin-banned-until = Ende der Sperre
admin-for-good = nie
admin-ban-reason = Grund
admin-events-of-user = Ereignisse im Audit-Protokoll
admin-sessions = Sitzungen
admin-no-sessions = Nirgends angemeldet.
admin-more-sessions =
    { $count ->
        [one] { $count } weitere Sitzung ist nicht aufgeführt.
       *[other] { $count } weitere Sitzungen sind nicht aufgeführt.
    }
admin-unknown-device = Unbekanntes Gerät
admin-last-seen = Zuletzt benutzt am { $when }
admin-signed-in = Angemeldet am { $when }
admin-impersonated = In dieser Sitzung handelt jemand aus der Verwaltung.
admin-end-session = Beenden
admin-end-sessions = Alle Sitzungen beenden
admin-sign-in = Anmeldewege
admin-no-sign-in = Weder ein Passwort noch ein Passkey noch ein verknüpftes Konto ist eingerichtet.
admin-passkey = Passkey
admin-factor-app = Zwei-Faktor-Authentifizierung: Authenticator-App
admin-factor-mail = Zwei-Faktor-Authentifizierung: Codes per E-Mail
admin-factor-unproved = Nicht abgeschlossen: Es wird noch nicht danach gefragt.
admin-backup-codes =
    { $count ->
        [one] { $count } Ersatzcode übrig
       *[other] { $count } Ersatzcodes übrig
    }
admin-trusted-browsers =
    { $count ->
        [one] { $count } vertrauenswürdiger Browser
       *[other] { $count } vertrauenswürdige Browser
    }
admin-roles-text = Die neuen Rollen gelten ab der nächsten Anfrage jeder Sitzung.
admin-ban-heading = Sperren
admin-ban-text = Alle Sitzungen enden, und niemand kann sich mit dem Konto anmelden.
admin-ban-reason-hint = Nur für die Verwaltung sichtbar.
admin-ban-until = Bis
admin-ban-until-hint = Die Sperre endet, wenn dieser Tag beginnt (UTC). Ohne Tag endet sie nie.
admin-ban-until-past = Wählen Sie einen Tag in der Zukunft.
admin-ban = Benutzer sperren
admin-unban-heading = Sperre aufheben
admin-unban-text = Die Person kann sich sofort wieder anmelden.
admin-unban = Sperre aufheben
admin-password-heading = Passwort
admin-password-text = Alle Sitzungen enden, und die Person erfährt es per E-Mail.
admin-impersonate-heading = Als diese Person handeln
admin-impersonate-for = Sie sehen, was die Person sieht, für höchstens { $duration }. Das wird protokolliert.
admin-impersonate = Als diese Person handeln
admin-remove-heading = Entfernen
admin-remove-text = Das Konto wird mit allem gelöscht, was dazugehört.
admin-remove-user = Benutzer entfernen
admin-remove-question = Diesen Benutzer entfernen?
admin-remove-confirm = Das lässt sich nicht rückgängig machen.
admin-said-user-created = Der Benutzer ist angelegt.
admin-said-user-removed = Der Benutzer ist entfernt.
admin-said-roles-set = Die Rollen sind geändert.
admin-said-banned = Der Benutzer ist gesperrt.
admin-said-unbanned = Die Sperre ist aufgehoben.
admin-said-session-ended = Die Sitzung ist beendet.
admin-said-sessions-ended = Alle Sitzungen sind beendet.
admin-said-password-set = Das Passwort ist festgelegt.
admin-said-mail-retried = Es wird erneut gesendet.
admin-event = Ereignis
admin-event-user = Benutzer (Adresse oder Kennung)
admin-from = Von
admin-to = Bis
admin-event-about = Konto
admin-event-actor = Ausgeführt von
admin-event-address = IP-Adresse
admin-event-browser = Browser
admin-event-request = Anfrage
admin-event-detail = Einzelheiten
admin-details = Mehr
admin-no-events = Keine Ereignisse gefunden.
admin-export-csv = Als Tabelle herunterladen (CSV)
admin-export-jsonl = Als JSON-Zeilen herunterladen
admin-export-bounds = Was die Filter finden, höchstens die neuesten { $events } Ereignisse oder { $size } MB. Der Name einer gekürzten Datei sagt es. Der Befehl authgate audit export hat keine Grenze.
admin-slug = Kurzname
admin-organization-id = Kennung
admin-no-organizations = Keine Organisationen gefunden.
admin-members-count =
    { $count ->
        [one] { $count } Mitglied
       *[other] { $count } Mitglieder
    }
admin-mail-state = Zustand
admin-mail-failed = Aufgegeben
admin-mail-waiting = Wartet
admin-mail-failed-count =
    { $count ->
        [one] { $count } aufgegeben
       *[other] { $count } aufgegeben
    }
admin-mail-waiting-count =
    { $count ->
        [one] { $count } wartet
       *[other] { $count } warten
    }
admin-mail-oldest =
    { $count ->
        [one] Die älteste wartet seit { $count } Minute.
       *[other] Die älteste wartet seit { $count } Minuten.
    }
admin-mail-made = Geschrieben am { $when }
admin-mail-given-up = Aufgegeben am { $when }
admin-mail-next = Nächster Versuch am { $when }
admin-mail-attempts =
    { $count ->
        [one] { $count } Versuch
       *[other] { $count } Versuche
    }
admin-mail-error = Grund: { $error }
admin-mail-retry = Erneut senden
admin-mail-retry-all = Alle aufgegebenen erneut senden
admin-no-mail = Keine E-Mail wartet, und keine wurde aufgegeben.
admin-all-well = Alles in Ordnung
admin-not-all-well = Etwas erfordert Ihre Aufmerksamkeit
admin-checks = Prüfungen
admin-gateway-version = AuthGate
admin-database = Datenbank
admin-database-state = PostgreSQL { $version }, antwortet in { $ms } ms
admin-connections = Verbindungen
admin-connections-state = { $used } von { $max } benutzt
admin-tasks = Hintergrundaufgaben
admin-tasks-run = Alle laufen
admin-tasks-stopped = Angehalten: { $tasks }
admin-upstreams = Anwendungen hinter dem Gateway
admin-upstream-up = In Betrieb
admin-upstream-down = Außer Betrieb
admin-configuration = Geltende Konfiguration
admin-configuration-newest = Die Datei gilt so, wie sie beim letzten Lesen war.
admin-configuration-refused = Die Datei wurde seitdem geändert, enthält aber Fehler: Die vorige Konfiguration gilt weiter. Das Serverprotokoll nennt die Fehler.
admin-configuration-file = Datei
admin-configuration-loaded = Geladen
