### The pages of one's own account.

## Navigation and what pages share.

account-settings = Perfil
account-security = Seguridad
account-api-keys = Claves de API
account-organizations = Organizaciones
account-data = Sus datos
account-not-taken = Esto no se puede usar aquí.
last-used = Último uso el { $time }
never-used = Sin usar
created = Creada el { $day }
copy = Copiar
copied = Copiado
one-a-line = Uno por línea.

## What went well.

account-said-saved = Guardado.
account-said-email-asked = Hay un correo en camino. La dirección anterior sigue en uso hasta que se confirme la nueva.
account-said-email-changed = Su nueva dirección está confirmada.
account-said-email-verified = Su dirección está confirmada.
account-said-verification-sent = Hay un correo con un enlace en camino.
account-said-password-changed = Su nueva contraseña está guardada.
account-said-session-ended = Se ha cerrado la sesión en ese dispositivo.
account-said-sessions-ended = Se ha cerrado la sesión en los demás dispositivos.
account-said-linked = Cuenta vinculada.
account-said-unlinked = El vínculo se ha eliminado.
account-said-passkey-added = La llave de acceso se ha añadido.
account-said-passkey-removed = La llave de acceso se ha eliminado.
account-said-two-step-on = La autenticación de dos factores está activada. Guarde sus códigos de respaldo en un lugar seguro.
account-said-two-step-off = La autenticación de dos factores está desactivada.
account-said-device-ended = El próximo inicio de sesión en ese dispositivo pedirá de nuevo un código.
account-said-api-key-deleted = La clave se ha eliminado.
account-said-organization-made = Se ha creado la organización. Invite ahora a sus miembros.
account-said-invitation-accepted = ¡Le damos la bienvenida! Ya es miembro.
account-said-invitation-rejected = La invitación se ha rechazado.
account-said-org-active = Ahora trabaja en esta organización.
account-said-org-rename = Guardado.
account-said-org-invite = La invitación está en camino.
account-said-org-cancel = La invitación se ha retirado.
account-said-org-member-removed = Se ha quitado al miembro.
account-said-org-leave = Ha abandonado la organización.
account-said-org-delete = La organización se ha eliminado.
account-said-deletion-mailed = Hay un correo con un enlace en camino. Su cuenta se eliminará cuando lo abra y confirme.

## A fresh proof of who somebody is.

prove-title = Antes de continuar
prove-heading = Confirme que es usted
prove-text = Inició sesión hace un rato. Escriba de nuevo su contraseña para continuar.
prove-show = Escribir la contraseña
prove-again-text = Inició sesión hace un rato. Inicie sesión de nuevo para continuar.
prove-again = Iniciar sesión de nuevo
prove-code-text = Esto requiere su segundo factor: un código de su aplicación o un código de respaldo.
prove-code = Escribir un código
prove-set-up-text = Esto requiere la autenticación de dos factores. Configúrela primero.

## Settings.

account-profile = Sobre usted
account-picture = Imagen
account-picture-now = Su imagen
account-picture-new = Nueva imagen
account-picture-hint = PNG, JPEG, WebP o GIF, hasta { $size } KB.
account-picture-send = Usar esta imagen
account-picture-remove = Quitar la imagen
account-picture-no-picture = Este archivo no es una imagen PNG, JPEG, WebP o GIF, o es demasiado grande.
account-email-verified = confirmado
account-email-unverified = sin confirmar
account-email-now = Su dirección
account-email-new = Nueva dirección de correo
account-email-hint = La confirmará con el enlace de un correo enviado a la nueva dirección.
account-email-change = Cambiar la dirección
account-email-consent = Ha pedido cambiar su dirección a { $email }. Permítalo antes del { $until } con el enlace del correo enviado a su dirección actual.
account-email-proof = Ha pedido cambiar su dirección a { $email }. Confírmelo antes del { $until } con el enlace del correo enviado a esa dirección.
account-language-text = El idioma de estas páginas y de los correos que recibe.

## Security.

password-change = Cambiar la contraseña
password-end-others = Cerrar la sesión en los demás dispositivos
password-first-text = Aún no tiene contraseña. Con una podrá iniciar sesión también con su dirección de correo.
sessions = Dónde tiene la sesión abierta
sessions-text = Si no reconoce alguna sesión, ciérrela y cambie su contraseña.
sessions-device = { $browser } en { $os }
sessions-unknown-device = Dispositivo desconocido
sessions-current = este dispositivo
sessions-since = Sesión iniciada el { $time }
sessions-end = Cerrar sesión
sessions-end-others = Cerrar las demás sesiones
identities = Cuentas vinculadas
identities-text = Con ellas también puede iniciar sesión.
identities-since = Vinculada desde el { $day }
identities-link = Vincular
identities-unlink = Quitar
identities-unlink-heading = ¿Quitar { $provider }?
identities-unlink-text = Ya no podrá iniciar sesión con { $provider }. Su cuenta se conserva.
identities-failed = No se pudo vincular. Puede que la cuenta ya pertenezca aquí a otra persona.
passkeys = Llaves de acceso
passkeys-text = Con una llave de acceso inicia sesión con su huella, su rostro o el PIN del dispositivo, sin contraseña.
passkeys-none = Aún no tiene ninguna.
passkey-name = Nombre de la llave de acceso
passkey-name-hint = Para reconocerla, por ejemplo «Portátil del trabajo».
passkey-unnamed = Llave de acceso sin nombre
passkey-synced = sincronizada
passkey-add = Añadir una llave de acceso
passkey-add-failed = No se ha podido añadir la llave de acceso. Inténtelo de nuevo.
passkey-needs-script = Para añadir una llave de acceso hace falta JavaScript, que este navegador no ejecuta aquí.
passkey-manage = Gestionar
passkey-rename = Cambiar el nombre
passkey-remove = Eliminar la llave de acceso
passkey-remove-text = Ya no podrá iniciar sesión con ella. Elimínela también de su dispositivo.
two-step = Autenticación de dos factores
two-step-text = Tras la contraseña se pide un código. Una contraseña robada no abre nada por sí sola.
two-step-on = activada
two-step-off = desactivada
two-step-set-up = Configurar la autenticación de dos factores
two-step-begin-text = Tenga a mano su teléfono.
two-step-way = De dónde vienen los códigos
two-step-way-app = Una aplicación de autenticación
two-step-way-mail = Correos enviados a mi dirección
two-step-scan = 1. Escanee esto con su aplicación
two-step-scan-text = Cualquier aplicación de autenticación lo lee con la cámara.
two-step-qr = Código QR para su aplicación de autenticación
two-step-by-hand = O escriba esto en la aplicación:
two-step-codes-heading = Sus códigos de respaldo
two-step-codes-text = Imprímalos o anótelos ahora: solo se muestran esta vez. Cada uno sirve para un inicio de sesión cuando no tenga el teléfono a mano.
two-step-prove = Escriba el primer código
two-step-confirm = Activar
two-step-again = Empezar de nuevo
two-step-codes = Nuevos códigos de respaldo
two-step-codes-ask = Los códigos actuales dejarán de funcionar. Se cerrará la sesión en sus otros dispositivos.
two-step-disable = Desactivar la autenticación de dos factores
two-step-disable-text = Entonces bastará su contraseña para abrir su cuenta. Se cerrará la sesión en sus otros dispositivos.
devices = Dispositivos de confianza
devices-text = En estos dispositivos no se pide código al iniciar sesión.
devices-none = No hay ninguno.
devices-until = De confianza hasta el { $day }
devices-end = Volver a pedir un código

## API keys.

api-keys = Sus claves
api-keys-text = Con una clave, un programa puede actuar en su nombre.
api-keys-none = Aún no tiene ninguna.
api-keys-new = Nueva clave
api-keys-name = Nombre de la clave
api-keys-name-hint = Para reconocerla, por ejemplo «Script de copias de seguridad».
api-keys-lasts = Duración
api-keys-lasting = Hasta que la elimine
api-keys-make = Crear la clave
api-keys-may = Las claves nuevas permiten: { $scopes }
api-keys-scopes = Permite: { $scopes }
api-keys-until = Válida hasta el { $day }
api-keys-disabled = desactivada
api-keys-disable = Desactivar
api-keys-enable = Activar
api-keys-delete = Eliminar
api-keys-delete-heading = ¿Eliminar esta clave?
api-keys-delete-text = Los programas que la usen serán rechazados.
api-keys-made = Su nueva clave
api-keys-made-heading = Copie la clave ahora
api-keys-made-text = Solo se muestra esta vez. Guárdela como una contraseña.

## Organizations.

org-own = Sus organizaciones
org-text = En una organización trabaja con otras personas.
org-none = Aún no es miembro de ninguna.
org-open = Abrir
org-active = activa
org-new = Nueva organización
org-name = Nombre
org-slug = Nombre corto
org-slug-hint = Letras minúsculas, cifras y guiones. Si se deja vacío, se forma con el nombre.
org-slug-change-hint = Letras minúsculas, cifras y guiones.
org-found = Crear la organización
org-invitations-own = Invitaciones para usted
org-invited-until = Válida hasta el { $day }
org-accept = Aceptar
org-reject = Rechazar
org-role = Rol
org-role-owner = Propietario
org-role-admin = Administrador
org-role-member = Miembro
org-role-text = Los administradores pueden invitar y gestionar a los miembros. Los propietarios también pueden eliminar la organización.
org-about = Información
org-activate = Trabajar en esta organización
org-members = Miembros
org-you = usted
org-member-change = Modificar
org-member-remove = Quitar de la organización
org-member-remove-text = El acceso termina de inmediato. La cuenta se conserva.
org-invitations = Invitaciones pendientes
org-invitation-cancel = Retirar
org-invite = Invitar a alguien
org-invite-send = Enviar la invitación
org-change = Nombre y nombre corto
org-end = Abandonar o eliminar
org-leave = Abandonar la organización
org-leave-heading = ¿Abandonar esta organización?
org-leave-text = Solo podrá volver con una nueva invitación.
org-delete = Eliminar la organización
org-delete-heading = ¿Eliminar esta organización?
org-delete-text = Sus miembros e invitaciones desaparecen con ella. Esto no se puede deshacer.

## Data, and the end of the account.

data-export-heading = Una copia de sus datos
data-export-text = Todo lo que se guarda aquí sobre usted, en un archivo que los programas pueden leer. No contiene secretos.
data-export = Descargar
delete-account = Eliminar la cuenta
delete-account-lead = Su cuenta y todo lo que contiene.
delete-account-sure = ¿Eliminar de verdad?
delete-account-text = Su cuenta se eliminará con todo lo que contiene. Esto no se puede deshacer.
delete-account-mailed = Primero recibirá un correo con un enlace. Cuando lo abra y confirme, su cuenta se eliminará con todo lo que contiene.

## Numbers.

sessions-more =
    { $count ->
        [one] Mostrar { $count } más
       *[other] Mostrar { $count } más
    }
api-keys-days =
    { $count ->
        [one] { $count } día
       *[other] { $count } días
    }
