### Why something cannot be done, by the stable code of the problem; for codes that have no text here, by status.

# Signing in and up.
problem-INVALID_EMAIL_OR_PASSWORD = La dirección de correo o la contraseña no son correctas.
problem-INVALID_USERNAME_OR_PASSWORD = El nombre de usuario o la contraseña no son correctos.
problem-EMAIL_NOT_VERIFIED = Su dirección de correo aún no está confirmada. Abra el enlace del correo que le hemos enviado.
problem-EMAIL_ALREADY_VERIFIED = Su dirección de correo ya está confirmada.
problem-BANNED_USER = Esta cuenta está bloqueada. Si cree que es un error, escriba a los responsables de este sitio.
problem-USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL = Ya hay una cuenta con esta dirección de correo. Inicie sesión o use otra dirección.
problem-EMAIL_PASSWORD_SIGN_UP_DISABLED = Aquí no se pueden crear cuentas nuevas.
problem-EMAIL_DOMAIN_NOT_ALLOWED = Aquí no se admiten cuentas con direcciones de este dominio.
problem-INVITATION_REQUIRED = Para registrarse hace falta una invitación.
problem-INVALID_INVITATION = La invitación ya se usó, ha caducado o no es para esta dirección.
problem-INVALID_EMAIL = Eso no es una dirección de correo.
problem-PASSWORD_TOO_SHORT = Esta contraseña es demasiado corta.
problem-PASSWORD_TOO_LONG = Esta contraseña es demasiado larga.
problem-PASSWORD_TOO_COMMON = Esta contraseña es fácil de adivinar. Elija otra.
problem-USERNAME_IS_ALREADY_TAKEN = Este nombre de usuario ya está en uso. Elija otro.
problem-USERNAME_TOO_SHORT = Este nombre de usuario es demasiado corto.
problem-USERNAME_TOO_LONG = Este nombre de usuario es demasiado largo.
problem-INVALID_USERNAME = Un nombre de usuario contiene letras, cifras, puntos y guiones bajos.
problem-INVALID_DISPLAY_USERNAME = Esta forma de escribirlo no corresponde al nombre de usuario.
problem-MISSING_FIELD = Rellene todos los campos obligatorios.
problem-VALIDATION_ERROR = Algo del formulario no es correcto. Revise lo que ha escrito.

# Links and codes from mails, and the second factor.
problem-INVALID_TOKEN = Este enlace ya se usó, ha caducado o se envió otro más reciente.
problem-TOKEN_EXPIRED = Este enlace ha caducado. Pida otro.
problem-INVALID_CODE = Este código no es correcto.
problem-INVALID_OTP = Este código no es correcto.
problem-INVALID_BACKUP_CODE = Este código de respaldo no es correcto o ya se usó.
problem-OTP_EXPIRED = Este código ha caducado. Pida otro.
problem-OTP_HAS_EXPIRED = Este código ha caducado. Pida otro.
problem-OTP_REQUIRED = Escriba primero el código enviado a su dirección actual.
problem-OTP_NOT_CONFIGURED = Aquí no se envían códigos por correo.
problem-TOO_MANY_ATTEMPTS = Demasiados códigos equivocados. Pida otro.
problem-TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE = Demasiados códigos equivocados. Pida otro.
problem-ACCOUNT_TEMPORARILY_LOCKED = Demasiados códigos equivocados. Durante un tiempo no se admiten códigos de esta cuenta.
problem-INVALID_TWO_FACTOR_COOKIE = Este inicio de sesión ha tardado demasiado. Empiece de nuevo con su contraseña.
problem-TOTP_ALREADY_ENABLED = Ya hay una aplicación de autenticación configurada.
problem-TOTP_NOT_ENABLED = No hay ninguna aplicación de autenticación configurada.
problem-TWO_FACTOR_NOT_ENABLED = La autenticación de dos factores no está configurada.
problem-BACKUP_CODES_NOT_ENABLED = No hay códigos de respaldo.
problem-AUTHENTICATION_FAILED = La llave de acceso no ha funcionado. Inténtelo de nuevo o inicie sesión de otra manera.
problem-INVALID_SESSION_TOKEN = Se ha cerrado la sesión de esta cuenta. Inicie sesión de nuevo.

# The own account.
problem-UNAUTHORIZED = Inicie sesión, por favor.
problem-SIGN_IN_FIRST = Inicie sesión, por favor.
problem-SESSION_EXPIRED = Confirme una vez más que es usted.
problem-SESSION_NOT_FRESH = Confirme una vez más que es usted.
problem-SESSION_NOT_FOUND = Esta sesión ya ha terminado.
problem-SESSION_REQUIRED = Inicie sesión para añadir una llave de acceso.
problem-INVALID_PASSWORD = La contraseña no es correcta.
problem-PASSWORD_ALREADY_SET = La cuenta ya tiene una contraseña.
problem-CREDENTIAL_ACCOUNT_NOT_FOUND = La cuenta aún no tiene contraseña.
problem-EMAIL_IS_THE_SAME = Esa es su dirección actual.
problem-EMAIL_CAN_NOT_BE_UPDATED = La dirección de correo se cambia en un formulario aparte.
problem-EMAIL_MISMATCH = Esto es para una dirección de correo distinta de la suya.
problem-NO_FIELDS_TO_UPDATE = No se ha cambiado nada.
problem-NO_DATA_TO_UPDATE = No se ha cambiado nada.
problem-NO_VALUES_TO_UPDATE = No se ha cambiado nada.
problem-FIELD_NOT_ALLOWED = Este campo no se puede cambiar aquí.
problem-ADDITIONAL_FIELDS_TOO_LARGE = Los campos contienen demasiado texto.
problem-LANGUAGE_NOT_OFFERED = Este idioma no está disponible.
problem-AVATAR_TOO_LARGE = La imagen es demasiado grande.
problem-YOU_ARE_THE_ONLY_OWNER_OF_AN_ORGANIZATION = Usted es el único propietario de una organización con otros miembros. Dele antes otro propietario o elimínela.
problem-PASSKEY_NOT_FOUND = Esa llave de acceso ya no existe.
problem-PREVIOUSLY_REGISTERED = Esta llave de acceso ya está registrada.
problem-TOO_MANY_PASSKEYS = Hay demasiadas llaves de acceso. Elimine antes una.
problem-FAILED_TO_VERIFY_REGISTRATION = No se ha podido añadir la llave de acceso. Inténtelo de nuevo.
problem-FAILED_TO_DELETE_LAST_PASSKEY = Es su última manera de iniciar sesión. Elija antes una contraseña o añada otra llave de acceso.
problem-FAILED_TO_UNLINK_LAST_ACCOUNT = Es su última manera de iniciar sesión. Añada antes otra.
problem-ACCOUNT_NOT_FOUND = Esta manera de iniciar sesión ya no está vinculada.
problem-SOCIAL_ACCOUNT_ALREADY_LINKED = Esa cuenta del proveedor está vinculada aquí a la de otra persona.
problem-LINKING_DIFFERENT_EMAILS_NOT_ALLOWED = Esa cuenta del proveedor tiene una dirección de correo distinta de la de su cuenta aquí, por lo que no se ha vinculado.
problem-LINKING_FAILED = No se ha podido vincular. Inténtelo de nuevo.
problem-OAUTH_LINK_ERROR = No se ha podido iniciar sesión. Inténtelo de nuevo.
problem-PROVIDER_NOT_FOUND = Aquí no se ofrece esta manera de iniciar sesión.
problem-PROVIDER_UNAVAILABLE = El servicio con el que inicia sesión no responde.

# API keys.
problem-KEY_NOT_FOUND = Esa clave de API ya no existe.
problem-TOO_MANY_API_KEYS = Hay demasiadas claves de API. Elimine antes una.
problem-INVALID_NAME_LENGTH = El nombre es demasiado corto o demasiado largo.
problem-EXPIRES_IN_IS_TOO_SMALL = La clave caducaría demasiado pronto.
problem-EXPIRES_IN_IS_TOO_LARGE = La clave duraría demasiado.

# Organizations.
problem-ORGANIZATION_NOT_FOUND = Esa organización no existe.
problem-ORGANIZATION_ALREADY_EXISTS = Ya hay una organización con este nombre corto. Elija otro.
problem-ORGANIZATION_SLUG_ALREADY_TAKEN = Ya hay una organización con este nombre corto. Elija otro.
problem-ORGANIZATION_MEMBERSHIP_LIMIT_REACHED = Esta organización tiene ya el máximo de miembros.
problem-YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS = Tiene ya el máximo de organizaciones.
problem-NO_ACTIVE_ORGANIZATION = Elija antes una organización.
problem-MEMBER_NOT_FOUND = Esta persona ya no es miembro.
problem-ROLE_NOT_FOUND = Ese rol no existe.
problem-INVITATION_NOT_FOUND = Esta invitación ya se usó, se retiró o ha caducado.
problem-INVITATION_LIMIT_REACHED = Hay demasiadas invitaciones pendientes. Retire antes algunas.
problem-INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION = Quien le invitó ya no puede hacerlo. Pida otra invitación.
problem-EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION = Confirme antes su dirección de correo.
problem-YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION = La invitación es para otra dirección de correo. Inicie sesión con ella.
problem-USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION = Esta persona ya es miembro.
problem-USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION = Esta persona ya está invitada.
problem-USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION = Esta persona no es miembro.
problem-YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION = Usted no es miembro de esta organización.
problem-YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER = Usted es el único propietario. Dele antes otro propietario a la organización.
problem-YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER = La organización necesita un propietario. Nombre antes a otro.

# Administration.
problem-USER_NOT_FOUND = Ese usuario no existe.
problem-YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS = Los roles de este usuario permiten lo que los suyos no permiten.
problem-YOU_CANNOT_BAN_YOURSELF = No puede bloquearse a sí mismo.
problem-YOU_CANNOT_REMOVE_YOURSELF = Aquí no puede eliminar su propia cuenta.
problem-YOU_CANNOT_SET_YOUR_PASSWORD = Su propia contraseña se cambia en su cuenta.
problem-YOU_CANNOT_IMPERSONATE_YOURSELF = No puede actuar en su propio lugar.
problem-YOU_CANNOT_IMPERSONATE_ADMINS = Nadie puede actuar en lugar de un administrador.
problem-NOT_ALLOWED_WHILE_IMPERSONATING = Esto solo puede hacerlo la propia persona. Mientras actúa en su lugar no es posible nada que dure más que eso; para ello, vuelva a su propia cuenta.
problem-YOU_CANNOT_DEMOTE_THE_LAST_ADMINISTRATOR = Nadie más puede asignar roles. Dé antes su rol a otra persona.

# Requests and the service as a whole.
problem-TOO_MANY_REQUESTS = Demasiados intentos.
problem-SERVICE_BUSY = Ahora mismo hay demasiada actividad.
problem-SERVICE_UNAVAILABLE = Esto no funciona por el momento. No se ha perdido nada.
problem-INTERNAL_SERVER_ERROR = Algo ha fallado aquí. No es culpa suya.
problem-INVALID_ORIGIN = Este formulario viene de otro sitio. Abra de nuevo la página y envíelo otra vez.
problem-CROSS_SITE_NAVIGATION_LOGIN_BLOCKED = Este formulario viene de otro sitio. Abra de nuevo la página y envíelo otra vez.
problem-PAYLOAD_TOO_LARGE = Es demasiado grande.

# For all others, by status.
problem-status-400 = Algo del formulario no es correcto. Revise lo que ha escrito.
problem-status-401 = Inicie sesión, por favor.
problem-status-403 = No tiene permiso para hacer eso.
problem-status-404 = Eso ya no existe.
problem-status-409 = Otra persona se ha adelantado. Abra de nuevo la página.
problem-status-429 = Demasiados intentos.
problem-status-500 = Algo ha fallado aquí. No es culpa suya.
problem-status-503 = Esto no funciona por el momento. No se ha perdido nada.
