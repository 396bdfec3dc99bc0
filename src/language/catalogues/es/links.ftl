### The pages that mailed links open.

# The pages that mailed links open: what their one button does.
link-nothing-happens = Si no lo ha pedido, cierre la página: no pasa nada.
link-verify-email-heading = Confirme su dirección de correo
link-verify-email-text = Pulse el botón para confirmar que esta dirección es suya.
link-verify-email-button = Confirmar mi dirección
link-verify-email-password = Su contraseña: la que eligió o una nueva de al menos { $min } caracteres
link-verify-email-password-hint = No se registró en este navegador, así que solo cuenta la contraseña que escriba aquí. Si no escribe ninguna, la elegirá en la página siguiente.
link-magic-link-heading = Iniciar sesión
link-magic-link-text = Pulse el botón para iniciar sesión con esta dirección:
link-magic-link-button = Iniciar sesión
link-magic-link-otherwise = Si no lo ha pedido o la dirección no es suya, cierre la página: no pasa nada.
link-allow-email-change-heading = Permitir el cambio de su dirección de correo
link-allow-email-change-text = Alguien que ha iniciado sesión con su cuenta ha pedido la dirección que figura en el mensaje. Si fue usted, pulse el botón: después llegará un mensaje a esa dirección.
link-allow-email-change-button = Permitir el cambio
link-allow-email-change-otherwise = Si no lo ha pedido, cierre la página: no pasa nada. Elija después una nueva contraseña; así se cierra la sesión de todos los que la hayan iniciado con su cuenta.
link-undo-email-change-heading = Recupere su dirección de correo
link-undo-email-change-text = Pulse el botón si no fue usted quien cambió la dirección de su cuenta. Vuelve a valer esta dirección y la contraseña de antes del cambio, se cierran todas las sesiones y termina todo lo que vino después del cambio.
link-undo-email-change-button = Deshacer el cambio
link-undo-email-change-otherwise = Si cambió usted la dirección, cierre la página: no pasa nada.
link-delete-user-heading = Eliminar su cuenta
link-delete-user-text = Su cuenta y todo lo que contiene desaparecerán y se cerrará su sesión en todas partes. No se puede deshacer.
link-delete-user-button = Eliminar mi cuenta
link-choose-password-heading = Elija una nueva contraseña
link-new-password = Su nueva contraseña, de al menos { $min } caracteres
link-set-password = Guardar mi contraseña
link-choose-password-otherwise = Se cierra la sesión de todos los que la hayan iniciado con su cuenta. Si no lo ha pedido, cierre la página: no pasa nada.
link-request-reset-heading = Elegir una nueva contraseña
link-request-reset-text = Le llegará por correo un enlace para elegir una nueva contraseña:
link-email = Su dirección de correo
link-request-reset-button = Enviar un enlace
link-verify-email-again = Si su dirección ya está confirmada, inicie sesión. Si no, pida otro mensaje:
link-verify-email-again-button = Enviar otro mensaje
link-invitation-title = Ha recibido una invitación
link-invitation-heading = Le invitan a formar parte de { $organization }
link-invitation-text = { $inviter } invita a { $email }, como { $role }.
link-invitation-button = Unirme a { $organization }
link-invitation-otherwise = Si no sabe de qué se trata, cierre la página: no pasa nada.
link-invitation-sign-in = Inicie sesión con la dirección { $email } en este navegador y abra después otra vez el enlace del mensaje.
link-invitation-no-account = ¿Aún no tiene cuenta? Regístrese con esta dirección.
link-invitation-sign-up = Registrarme

# What pressing the button led to.
link-sign-in = Iniciar sesión
link-go-on = Continuar
link-close-page = Puede cerrar esta página.
link-email-verified-heading = Su dirección está confirmada
link-email-verified-text = Puede cerrar esta página e iniciar sesión.
link-signed-in-heading = Ha iniciado sesión
link-signed-in-text = Ha iniciado sesión. Continúe o cierre esta página.
link-mailbox-heading = Mire su buzón
link-verification-sent-text = Si esta dirección pertenece a una cuenta que aún no está confirmada, le llegará otro mensaje. Puede tardar un minuto.
link-reset-sent-text = Si esta dirección pertenece a una cuenta, le llegará un mensaje con un enlace. Puede tardar un minuto.
link-email-changed-heading = Su nueva dirección ya es válida
link-email-changed-text = Inicie sesión con ella desde ahora. Puede cerrar esta página.
link-email-taken = Esta dirección ya está en uso. Su cuenta conserva la que tiene.
link-email-change-allowed-heading = El cambio está permitido
link-email-change-allowed-text = Se ha enviado un mensaje a la nueva dirección. Abra su enlace; hasta entonces sigue valiendo la antigua. Puede cerrar esta página.
link-user-deleted-heading = Su cuenta está eliminada
link-user-deleted-text = Se ha cerrado su sesión en todas partes. Puede cerrar esta página.
link-password-set-heading = Su nueva contraseña está guardada
link-password-set-text = Se ha cerrado la sesión de todos los que la habían iniciado con su cuenta. Inicie sesión con la nueva contraseña.
link-organization-joined-heading = Ya es miembro
link-organization-joined-text = Continúe o cierre esta página.
link-email-change-undone-heading = Ha recuperado su dirección de correo
link-email-change-undone-text = El cambio está deshecho y se ha cerrado la sesión de todos los que la habían iniciado con su cuenta. Su contraseña es la de antes del cambio. Puede que otra persona la conozca: elija ahora una nueva.

# Why a link did not work, and what follows from that.
link-failed-title = El enlace no ha funcionado
link-failed-heading = No ha funcionado
link-broken = Este enlace está incompleto o se alteró por el camino.
link-used = Este enlace ya se usó o se envió otro más reciente.
link-used-or-expired = Este enlace ya se usó, ha caducado o se envió otro más reciente.
link-expired = Este enlace ha caducado.
link-not-an-address = Eso no parece una dirección de correo.
link-address-taken = Otra cuenta usa ya esta dirección.
link-last-owner = Usted es el único propietario de una organización con otros miembros. Dele antes otro propietario o elimínela.
link-deletion-failed-text = Si su cuenta aún existe, pida otra vez su eliminación con la sesión iniciada.
link-email-change-failed-text = Si otra persona tiene su cuenta, escriba a los responsables de este sitio.
link-magic-link-failed-text = Pida otro donde inicia sesión.
link-invitation-failed-text = Pida otra invitación a quien le invitó.

# Why a sign-in through another service came to nothing, by its code.
link-oauth-account_not_linked = Esta dirección de correo ya tiene una cuenta. Inicie sesión en ella como antes, con la dirección confirmada, y vincule allí esta manera de iniciar sesión.
link-oauth-email_not_verified = Su dirección de correo aún no está confirmada. Abra en este navegador el enlace del mensaje que le hemos enviado y vuelva a iniciar sesión.
link-oauth-signup_disabled = No hay ninguna cuenta para usted y aquí no se pueden crear nuevas.
link-oauth-email_domain_not_allowed = No hay ninguna cuenta para usted. Las cuentas de aquí tienen direcciones de correo de otros dominios.
link-oauth-email_not_found = Su cuenta de allí no muestra ninguna dirección de correo. Permita que se muestre o inicie sesión de otra manera.
link-oauth-email_does_not_match = Esa cuenta tiene otra dirección de correo que la suya aquí, por lo que no se ha vinculado.
link-oauth-account_already_linked_to_different_user = Esa cuenta ya está vinculada aquí a la de otra persona.
link-oauth-unable_to_link_account = Ya no tiene la sesión con la que empezó. Inicie sesión e inténtelo de nuevo.
link-oauth-access_denied = No ha permitido el inicio de sesión.
link-oauth-temporarily_unavailable = El servicio con el que inicia sesión no responde. Inténtelo de nuevo en unos minutos.
link-oauth-state_mismatch = Este inicio de sesión ha tardado demasiado, ya había terminado o empezó en otro navegador. Empiece de nuevo.
link-oauth-two_factor_required = Su cuenta pide además un código. Aquí no hay página para eso; inicie sesión desde la que sí la tiene.
link-oauth-BANNED_USER = Esta cuenta está cerrada.
link-oauth-other = No se ha podido iniciar sesión. Inténtelo de nuevo.
