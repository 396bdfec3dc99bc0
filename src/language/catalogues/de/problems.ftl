### Why something cannot be done, by the stable code of the problem; for codes that have no text here, by status.

# Signing in and up.
problem-INVALID_EMAIL_OR_PASSWORD = Die E-Mail-Adresse oder das Passwort ist falsch.
problem-INVALID_USERNAME_OR_PASSWORD = Der Benutzername oder das Passwort ist falsch.
problem-EMAIL_NOT_VERIFIED = Ihre E-Mail-Adresse ist noch nicht bestätigt. Öffnen Sie den Link in der E-Mail, die wir an sie geschickt haben.
problem-EMAIL_ALREADY_VERIFIED = Ihre E-Mail-Adresse ist bereits bestätigt.
problem-BANNED_USER = Dieses Konto ist gesperrt. Wenn Sie das für einen Irrtum halten, schreiben Sie an die Betreiber dieser Website.
problem-USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL = Zu dieser E-Mail-Adresse gibt es bereits ein Konto. Melden Sie sich an oder verwenden Sie eine andere Adresse.
problem-EMAIL_PASSWORD_SIGN_UP_DISABLED = Hier können keine neuen Konten angelegt werden.
problem-EMAIL_DOMAIN_NOT_ALLOWED = Konten mit Adressen dieser Domain sind hier nicht erlaubt.
problem-INVITATION_REQUIRED = Für die Registrierung brauchen Sie eine Einladung.
problem-INVALID_INVITATION = Die Einladung wurde schon verwendet, ist abgelaufen oder gilt nicht für diese Adresse.
problem-INVALID_EMAIL = Das ist keine E-Mail-Adresse.
problem-PASSWORD_TOO_SHORT = Dieses Passwort ist zu kurz.
problem-PASSWORD_TOO_LONG = Dieses Passwort ist zu lang.
problem-PASSWORD_TOO_COMMON = Dieses Passwort ist leicht zu erraten. Wählen Sie ein anderes.
problem-USERNAME_IS_ALREADY_TAKEN = Dieser Benutzername ist vergeben. Wählen Sie einen anderen.
problem-USERNAME_TOO_SHORT = Dieser Benutzername ist zu kurz.
problem-USERNAME_TOO_LONG = Dieser Benutzername ist zu lang.
problem-INVALID_USERNAME = Ein Benutzername besteht aus Buchstaben, Ziffern, Punkten und Unterstrichen.
problem-INVALID_DISPLAY_USERNAME = Diese Schreibweise gehört nicht zu dem Benutzernamen.
problem-MISSING_FIELD = Bitte füllen Sie alle Pflichtfelder aus.
problem-VALIDATION_ERROR = Etwas in dem Formular stimmt nicht. Bitte prüfen Sie Ihre Eingaben.

# Links and codes from mails, and the second factor.
problem-INVALID_TOKEN = Dieser Link wurde schon verwendet, ist abgelaufen, oder es wurde ein neuerer verschickt.
problem-TOKEN_EXPIRED = Dieser Link ist abgelaufen. Fordern Sie einen neuen an.
problem-INVALID_CODE = Dieser Code ist falsch.
problem-INVALID_OTP = Dieser Code ist falsch.
problem-INVALID_BACKUP_CODE = Dieser Ersatzcode ist falsch oder wurde schon verwendet.
problem-OTP_EXPIRED = Dieser Code ist abgelaufen. Fordern Sie einen neuen an.
problem-OTP_HAS_EXPIRED = Dieser Code ist abgelaufen. Fordern Sie einen neuen an.
problem-OTP_REQUIRED = Geben Sie zuerst den Code ein, der an Ihre jetzige Adresse geschickt wurde.
problem-OTP_NOT_CONFIGURED = Codes werden hier nicht per E-Mail verschickt.
problem-TOO_MANY_ATTEMPTS = Zu viele falsche Codes. Fordern Sie einen neuen an.
problem-TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE = Zu viele falsche Codes. Fordern Sie einen neuen an.
problem-ACCOUNT_TEMPORARILY_LOCKED = Zu viele falsche Codes. Codes für dieses Konto werden eine Zeit lang abgelehnt.
problem-INVALID_TWO_FACTOR_COOKIE = Diese Anmeldung hat zu lange gedauert. Beginnen Sie noch einmal mit Ihrem Passwort.
problem-TOTP_ALREADY_ENABLED = Es ist bereits eine Authenticator-App eingerichtet.
problem-TOTP_NOT_ENABLED = Es ist keine Authenticator-App eingerichtet.
problem-TWO_FACTOR_NOT_ENABLED = Die Zwei-Faktor-Authentifizierung ist nicht eingerichtet.
problem-BACKUP_CODES_NOT_ENABLED = Es gibt keine Ersatzcodes.
problem-AUTHENTICATION_FAILED = Der Passkey hat nicht funktioniert. Versuchen Sie es noch einmal oder melden Sie sich anders an.
problem-INVALID_SESSION_TOKEN = Sie sind von diesem Konto abgemeldet. Melden Sie sich wieder an.

# The own account.
problem-UNAUTHORIZED = Bitte melden Sie sich an.
problem-SIGN_IN_FIRST = Bitte melden Sie sich an.
problem-SESSION_EXPIRED = Bitte bestätigen Sie noch einmal, dass Sie es sind.
problem-SESSION_NOT_FRESH = Bitte bestätigen Sie noch einmal, dass Sie es sind.
problem-SESSION_NOT_FOUND = Diese Sitzung ist bereits beendet.
problem-SESSION_REQUIRED = Melden Sie sich an, um einen Passkey hinzuzufügen.
problem-INVALID_PASSWORD = Das Passwort ist falsch.
problem-PASSWORD_ALREADY_SET = Das Konto hat bereits ein Passwort.
problem-CREDENTIAL_ACCOUNT_NOT_FOUND = Das Konto hat noch kein Passwort.
problem-EMAIL_IS_THE_SAME = Das ist bereits Ihre Adresse.
problem-EMAIL_CAN_NOT_BE_UPDATED = Die E-Mail-Adresse wird in einem eigenen Formular geändert.
problem-EMAIL_MISMATCH = Das gilt nicht für Ihre, sondern für eine andere E-Mail-Adresse.
problem-NO_FIELDS_TO_UPDATE = Es wurde nichts geändert.
problem-NO_DATA_TO_UPDATE = Es wurde nichts geändert.
problem-NO_VALUES_TO_UPDATE = Es wurde nichts geändert.
problem-FIELD_NOT_ALLOWED = Dieses Feld kann hier nicht geändert werden.
problem-ADDITIONAL_FIELDS_TOO_LARGE = Die Felder enthalten zu viel Text.
problem-LANGUAGE_NOT_OFFERED = Diese Sprache wird nicht angeboten.
problem-AVATAR_TOO_LARGE = Das Bild ist zu groß.
problem-YOU_ARE_THE_ONLY_OWNER_OF_AN_ORGANIZATION = Eine Organisation mit weiteren Mitgliedern hat außer Ihnen keinen Inhaber. Bestimmen Sie zuerst einen weiteren oder löschen Sie die Organisation.
problem-PASSKEY_NOT_FOUND = Diesen Passkey gibt es nicht mehr.
problem-PREVIOUSLY_REGISTERED = Dieser Passkey ist bereits registriert.
problem-TOO_MANY_PASSKEYS = Es gibt zu viele Passkeys. Entfernen Sie zuerst einen davon.
problem-FAILED_TO_VERIFY_REGISTRATION = Der Passkey konnte nicht hinzugefügt werden. Versuchen Sie es noch einmal.
problem-FAILED_TO_DELETE_LAST_PASSKEY = Dies ist Ihre letzte Möglichkeit, sich anzumelden. Legen Sie zuerst ein Passwort fest oder fügen Sie einen anderen Passkey hinzu.
problem-FAILED_TO_UNLINK_LAST_ACCOUNT = Dies ist Ihre letzte Möglichkeit, sich anzumelden. Fügen Sie zuerst eine andere hinzu.
problem-ACCOUNT_NOT_FOUND = Diese Anmeldemöglichkeit ist nicht mehr verknüpft.
problem-SOCIAL_ACCOUNT_ALREADY_LINKED = Dieses Konto beim Anbieter ist hier mit dem Konto einer anderen Person verknüpft.
problem-LINKING_DIFFERENT_EMAILS_NOT_ALLOWED = Dieses Konto beim Anbieter hat eine andere E-Mail-Adresse als Ihr Konto hier und wurde nicht verknüpft.
problem-LINKING_FAILED = Das Verknüpfen hat nicht funktioniert. Versuchen Sie es noch einmal.
problem-OAUTH_LINK_ERROR = Die Anmeldung hat nicht funktioniert. Versuchen Sie es noch einmal.
problem-PROVIDER_NOT_FOUND = Diese Anmeldemöglichkeit wird hier nicht angeboten.
problem-PROVIDER_UNAVAILABLE = Der Dienst, mit dem Sie sich anmelden, antwortet nicht.

# API keys.
problem-KEY_NOT_FOUND = Diesen API-Schlüssel gibt es nicht mehr.
problem-TOO_MANY_API_KEYS = Es gibt zu viele API-Schlüssel. Löschen Sie zuerst einen davon.
problem-INVALID_NAME_LENGTH = Der Name ist zu kurz oder zu lang.
problem-EXPIRES_IN_IS_TOO_SMALL = Der Schlüssel würde zu früh ablaufen.
problem-EXPIRES_IN_IS_TOO_LARGE = Der Schlüssel würde zu lange gelten.

# Organizations.
problem-ORGANIZATION_NOT_FOUND = Diese Organisation gibt es nicht.
problem-ORGANIZATION_ALREADY_EXISTS = Eine Organisation hat bereits diesen Kurznamen. Wählen Sie einen anderen.
problem-ORGANIZATION_SLUG_ALREADY_TAKEN = Eine Organisation hat bereits diesen Kurznamen. Wählen Sie einen anderen.
problem-ORGANIZATION_MEMBERSHIP_LIMIT_REACHED = Diese Organisation hat so viele Mitglieder, wie sie haben kann.
problem-YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS = Sie haben so viele Organisationen, wie Sie haben können.
problem-NO_ACTIVE_ORGANIZATION = Wählen Sie zuerst eine Organisation aus.
problem-MEMBER_NOT_FOUND = Diese Person ist nicht mehr Mitglied.
problem-ROLE_NOT_FOUND = Diese Rolle gibt es nicht.
problem-INVITATION_NOT_FOUND = Diese Einladung wurde verwendet, zurückgezogen oder ist abgelaufen.
problem-INVITATION_LIMIT_REACHED = Es gibt zu viele offene Einladungen. Ziehen Sie zuerst einige davon zurück.
problem-INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION = Die Person, die Sie eingeladen hat, darf das nicht mehr. Bitten Sie um eine neue Einladung.
problem-EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION = Bestätigen Sie zuerst Ihre E-Mail-Adresse.
problem-YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION = Die Einladung gilt für eine andere E-Mail-Adresse. Melden Sie sich mit dieser an.
problem-USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION = Diese Person ist bereits Mitglied.
problem-USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION = Diese Person ist bereits eingeladen.
problem-USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION = Diese Person ist kein Mitglied.
problem-YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION = Sie sind kein Mitglied dieser Organisation.
problem-YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER = Die Organisation hat außer Ihnen keinen Inhaber. Bestimmen Sie zuerst einen weiteren Inhaber.
problem-YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER = Die Organisation braucht einen Inhaber. Bestimmen Sie zuerst einen anderen Inhaber.

# Administration.
problem-USER_NOT_FOUND = Diesen Benutzer gibt es nicht.
problem-YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS = Die Rollen dieses Benutzers erlauben, was Ihre nicht erlauben.
problem-YOU_CANNOT_BAN_YOURSELF = Sie können sich nicht selbst sperren.
problem-YOU_CANNOT_REMOVE_YOURSELF = Sie können Ihr eigenes Konto hier nicht löschen.
problem-YOU_CANNOT_SET_YOUR_PASSWORD = Ihr eigenes Passwort ändern Sie in Ihrem Konto.
problem-YOU_CANNOT_IMPERSONATE_YOURSELF = Sie können nicht an Ihrer eigenen Stelle handeln.
problem-YOU_CANNOT_IMPERSONATE_ADMINS = Niemand kann an der Stelle von Administratoren handeln.
problem-NOT_ALLOWED_WHILE_IMPERSONATING = Das kann nur die Person selbst. Solange Sie an ihrer Stelle handeln, geht nichts, was darüber hinaus bestehen bliebe; kehren Sie dafür zu Ihrem eigenen Konto zurück.
problem-YOU_CANNOT_DEMOTE_THE_LAST_ADMINISTRATOR = Niemand sonst kann Rollen vergeben. Geben Sie zuerst jemand anderem Ihre Rolle.

# Requests and the service as a whole.
problem-TOO_MANY_REQUESTS = Zu viele Versuche.
problem-SERVICE_BUSY = Gerade ist zu viel los.
problem-SERVICE_UNAVAILABLE = Das geht im Moment nicht. Es ist nichts verloren gegangen.
problem-INTERNAL_SERVER_ERROR = Hier ist etwas schiefgegangen. Es liegt nicht an Ihnen.
problem-INVALID_ORIGIN = Dieses Formular kam von einer anderen Website. Öffnen Sie die Seite neu und senden Sie es noch einmal ab.
problem-CROSS_SITE_NAVIGATION_LOGIN_BLOCKED = Dieses Formular kam von einer anderen Website. Öffnen Sie die Seite neu und senden Sie es noch einmal ab.
problem-PAYLOAD_TOO_LARGE = Das ist zu groß.

# For all others, by status.
problem-status-400 = Etwas in dem Formular stimmt nicht. Bitte prüfen Sie Ihre Eingaben.
problem-status-401 = Bitte melden Sie sich an.
problem-status-403 = Das dürfen Sie nicht.
problem-status-404 = Das gibt es nicht mehr.
problem-status-409 = Jemand anderes war schneller. Öffnen Sie die Seite neu.
problem-status-429 = Zu viele Versuche.
problem-status-500 = Hier ist etwas schiefgegangen. Es liegt nicht an Ihnen.
problem-status-503 = Das geht im Moment nicht. Es ist nichts verloren gegangen.
