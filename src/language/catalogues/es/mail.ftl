### Mails. A paragraph of a text ends at an empty line; single line breaks do not count. Buttons also stand before the
### link in the plain text of a mail, with a colon. $app is the name of the site, $expiry a duration.

mail-greeting = Hola:
mail-greeting-name = Hola, { $name }:
mail-link-fallback = Si el botón no funciona, copie esta dirección en su navegador:

# In plain text.
mail-fact = { $label }: { $value }
mail-link = { $label }:

mail-verify-email-subject = Confirme su dirección de correo para { $app }
mail-verify-email-text = Confirme, por favor, que esta es su dirección de correo, para que pueda iniciar sesión en { $app }. El enlace sirve una sola vez, durante { $expiry }.
mail-verify-email-button = Confirmar mi dirección
mail-verify-email-note = ¿No se ha registrado usted? Entonces alguien se equivocó al escribir su dirección y puede ignorar este mensaje: sin el enlace nadie puede usar la suya.

mail-welcome-subject = Su cuenta en { $app }
mail-welcome-text = Se ha creado una cuenta para usted en { $app }. Elija la contraseña con la que iniciará sesión. El enlace sirve una sola vez, durante { $expiry }.
mail-welcome-button = Elegir una contraseña
mail-welcome-note = ¿No sabe de qué se trata? Entonces ignore este mensaje: nadie puede iniciar sesión en la cuenta sin acceso a este buzón.

mail-account-exists-subject = Ya tiene una cuenta en { $app }
mail-account-exists-text = Alguien, probablemente usted, acaba de intentar registrarse en { $app } con esta dirección de correo. Ya tiene una cuenta: basta con que inicie sesión.
mail-account-exists-button = Iniciar sesión
mail-account-exists-note = ¿No fue usted? Entonces no tiene que hacer nada: su cuenta y su contraseña no han cambiado, y nadie ha sabido que tiene una cuenta.

mail-reset-password-subject = Elija una nueva contraseña para { $app }
mail-reset-password-text = Alguien, probablemente usted, ha pedido una nueva contraseña para { $app }. El enlace sirve una sola vez, durante { $expiry }.
mail-reset-password-button = Elegir una nueva contraseña
mail-reset-password-note = ¿No la ha pedido? Entonces ignore este mensaje: su contraseña sigue siendo la misma y nadie puede cambiarla sin este enlace.

mail-password-changed-subject = Se ha cambiado su contraseña de { $app }
mail-password-changed-text =
    Se acaba de cambiar la contraseña de su cuenta en { $app }. Si fue usted, no tiene que hacer nada.

    Si no fue usted, elija enseguida una nueva contraseña. Así se cerrará la sesión de todos los que la hayan iniciado con su cuenta.
mail-password-changed-button = Elegir una nueva contraseña
mail-password-changed-note = Compruebe después que su buzón también esté a salvo.

mail-change-email-subject = Confirme su nueva dirección de correo para { $app }
mail-change-email-text = Confirme, por favor, que su cuenta en { $app } debe usar desde ahora esta dirección de correo. El enlace sirve una sola vez, durante { $expiry }.
mail-change-email-button = Usar esta dirección
mail-change-email-note = ¿No tiene cuenta allí o no lo ha pedido? Entonces alguien se equivocó al escribir su dirección y puede ignorar este mensaje: no cambia nada.

mail-email-change-requested-subject = Se ha pedido cambiar su dirección de correo para { $app }
mail-email-change-requested-text =
    Alguien, esperamos que usted, ha pedido que su cuenta en { $app } use otra dirección de correo: { $email }

    Mientras esa dirección no se confirme, sigue siendo válida la actual. Si fue usted, no tiene que hacer nada aquí.

    Si no fue usted, elija enseguida una nueva contraseña. Así se anula la petición y se cierra la sesión de todos los que la hayan iniciado con su cuenta.
mail-email-change-requested-button = Elegir una nueva contraseña
mail-email-change-requested-note = Sin ese enlace, este mensaje no cambia nada.

mail-email-changed-subject = Se ha cambiado su dirección de correo para { $app }
mail-email-changed-text = Su cuenta en { $app } usa desde ahora otra dirección de correo. Esta ya no da acceso a ella, y este es el último mensaje que llega aquí. Si fue usted, no tiene que hacer nada.
mail-email-changed-button = Ir a { $app }
mail-email-changed-note = Si no fue usted, escriba enseguida a los responsables de { $app }.

mail-consent-email-change-subject = ¿Permitir otra dirección de correo para { $app }?
mail-consent-email-change-text =
    Alguien que ha iniciado sesión con su cuenta en { $app } ha pedido que use otra dirección de correo: { $email }

    Si fue usted, abra el enlace y permítalo. Sirve una sola vez, durante { $expiry }.
mail-consent-email-change-button = Permitir el cambio
mail-consent-email-change-note = Si no fue usted, no abra el enlace y elija enseguida una nueva contraseña: así se cierra la sesión de todos los que la hayan iniciado con su cuenta.

mail-email-changed-with-undo-subject = Se ha cambiado su dirección de correo para { $app }
mail-email-changed-with-undo-text =
    Su cuenta en { $app } usa desde ahora otra dirección de correo, y esta ya no da acceso a ella. Si fue usted, no tiene que hacer nada.

    Si no fue usted, recupere su cuenta. Durante 7 días, el enlace deshace el cambio y todo lo que vino después.
mail-email-changed-with-undo-button = Deshacer el cambio
mail-email-changed-with-undo-note = ¿Fue usted? Entonces ignore este mensaje y no abra el enlace.

mail-email-change-undone-subject = Se ha deshecho un cambio de dirección de correo para { $app }
mail-email-change-undone-text = Una cuenta en { $app } usaba esta dirección de correo; el cambio se ha deshecho desde la dirección anterior. Esta dirección ya no da acceso a esa cuenta.
mail-email-change-undone-button = Ir a { $app }
mail-email-change-undone-note = Si no lo esperaba, escriba a los responsables de { $app }.

mail-delete-user-subject = ¿Eliminar su cuenta en { $app }?
mail-delete-user-text = Ha pedido que se elimine su cuenta en { $app }, con todo lo que contiene. Esto no se puede deshacer. El enlace sirve una sola vez, durante { $expiry }.
mail-delete-user-button = Eliminar mi cuenta
mail-delete-user-note = ¿No lo ha pedido? Entonces no abra el enlace y cambie su contraseña: alguien ha iniciado sesión con su cuenta.

mail-user-deleted-subject = Se ha eliminado su cuenta en { $app }
mail-user-deleted-text = Se ha eliminado su cuenta en { $app } y se ha cerrado su sesión en todas partes. Este es el último mensaje al respecto.
mail-user-deleted-button = Ir a { $app }
mail-user-deleted-note = Si no fue usted, escriba a los responsables de { $app }.

mail-failed-sign-ins-subject = Muchos intentos fallidos de iniciar sesión en su cuenta en { $app }
mail-failed-sign-ins-text =
    Alguien ha intentado muchas veces seguidas iniciar sesión en su cuenta en { $app } con una contraseña equivocada. Durante un tiempo no se admiten más intentos.

    Quien ya tenga la sesión iniciada la conserva. Si fue usted y ha olvidado su contraseña, elija una nueva: así termina también la espera.
mail-failed-sign-ins-button = Elegir una nueva contraseña
mail-failed-sign-ins-note = Si no fue usted, no tiene que hacer nada, siempre que no use su contraseña en ningún otro sitio.

mail-new-device-subject = Nuevo inicio de sesión en su cuenta en { $app }
mail-new-device-text = Alguien, probablemente usted, acaba de iniciar sesión en su cuenta en { $app } con un dispositivo que no conocíamos:
mail-new-device-button = Abrir { $app }
mail-new-device-note = ¿Fue usted? Entonces no tiene que hacer nada. ¿No fue usted? Entonces otra persona puede iniciar sesión en su nombre: elija enseguida otra contraseña y cierre la sesión de los demás dispositivos.
mail-device = Dispositivo
mail-place = Lugar
mail-time = Fecha

mail-code-sign-in-subject = Su código para iniciar sesión en { $app }
mail-code-sign-in-text = Con este código inicia sesión en { $app }:
mail-code-verify-email-subject = Su código para confirmar su dirección de correo para { $app }
mail-code-verify-email-text = Con este código confirma que esta es su dirección de correo en { $app }:
mail-code-reset-password-subject = Su código para elegir una nueva contraseña de { $app }
mail-code-reset-password-text = Con este código elige una nueva contraseña para su cuenta en { $app }:
mail-code-change-email-subject = Su código para confirmar su nueva dirección de correo para { $app }
mail-code-change-email-text = Con este código confirma que esta es su nueva dirección de correo en { $app }:
mail-code-note =
    Sirve una sola vez, durante { $expiry }. Escríbalo en la página que se lo ha pedido y no se lo diga a nadie: quien lo tenga puede hacerlo en su lugar.

    ¿No lo ha pedido? Entonces alguien se equivocó al escribir su dirección y puede ignorar este mensaje: sin el código no pasa nada.

mail-magic-link-subject = Inicie sesión en { $app }
mail-magic-link-text = Con este enlace inicia sesión en { $app }. Sirve una sola vez, durante { $expiry }.
mail-magic-link-button = Iniciar sesión
mail-magic-link-note = ¿No lo ha pedido? Entonces alguien se equivocó al escribir su dirección y puede ignorar este mensaje: sin el enlace nadie entra en su cuenta.

mail-two-factor-code-subject = Su código para { $app }
mail-two-factor-code-text = Escriba este código para continuar en { $app }. Sirve durante { $expiry }.
mail-two-factor-code-button = Abrir { $app }
mail-two-factor-code-note = Si no ha pedido ningún código, puede que alguien conozca su contraseña: elija otra. Nadie que trabaje para { $app } le pedirá nunca un código.

mail-two-factor-enabled-subject = La autenticación de dos factores para { $app } está activada
mail-two-factor-enabled-text =
    La autenticación de dos factores está activada para su cuenta en { $app }: desde ahora, al iniciar sesión se pide un código además de la contraseña. Si la ha configurado usted, no tiene que hacer nada. Guarde sus códigos de respaldo en un lugar seguro.

    Si no fue usted, elija enseguida una nueva contraseña. Así se cerrará la sesión de todos los que la hayan iniciado con su cuenta.
mail-two-factor-enabled-button = Elegir una nueva contraseña
mail-two-factor-enabled-note = Escriba después a los responsables de este sitio: solo ellos pueden desactivar una autenticación de dos factores que ha configurado otra persona.

mail-two-factor-disabled-subject = La autenticación de dos factores para { $app } está desactivada
mail-two-factor-disabled-text =
    La autenticación de dos factores está desactivada para su cuenta en { $app }: para iniciar sesión basta de nuevo la contraseña. Si la ha desactivado usted, no tiene que hacer nada.

    Si no fue usted, elija enseguida una nueva contraseña. Así se cerrará la sesión de todos los que la hayan iniciado con su cuenta.
mail-two-factor-disabled-button = Elegir una nueva contraseña
mail-two-factor-disabled-note = Inicie sesión después y configure de nuevo la autenticación de dos factores.

mail-backup-code-used-subject = Se ha usado un código de respaldo para { $app }
mail-backup-code-used-text =
    Se acaba de usar un código de respaldo de su cuenta en { $app } en lugar de su segundo factor. Ya no sirve. Códigos restantes: { $left }. Si fue usted, no tiene que hacer nada.

    Si no fue usted, elija enseguida una nueva contraseña. Así se cerrará la sesión de todos los que la hayan iniciado con su cuenta.
mail-backup-code-used-button = Elegir una nueva contraseña
mail-backup-code-used-note = Sustituya después sus códigos de respaldo.

mail-backup-codes-replaced-subject = Se han sustituido sus códigos de respaldo para { $app }
mail-backup-codes-replaced-text =
    Se han sustituido los códigos de respaldo de su cuenta en { $app }. Los anteriores ya no sirven. Si fue usted, no tiene que hacer nada.

    Si no fue usted, elija enseguida una nueva contraseña. Así se cerrará la sesión de todos los que la hayan iniciado con su cuenta.
mail-backup-codes-replaced-button = Elegir una nueva contraseña
mail-backup-codes-replaced-note = Sustituya después otra vez sus códigos de respaldo.

mail-passkey-added-subject = Se ha añadido una llave de acceso a su cuenta en { $app }
mail-passkey-added-text =
    Se ha añadido una llave de acceso a su cuenta en { $app }. Permite iniciar sesión sin contraseña y sin segundo factor. Si la ha añadido usted, no tiene que hacer nada.

    Si no fue usted, elija enseguida una nueva contraseña. Así se cerrará la sesión de todos los que la hayan iniciado con su cuenta.
mail-passkey-added-button = Elegir una nueva contraseña
mail-passkey-added-note = Inicie sesión después y elimine la llave de acceso: una nueva contraseña no la elimina.

mail-passkey-removed-subject = Se ha eliminado una llave de acceso de su cuenta en { $app }
mail-passkey-removed-text =
    Se ha eliminado una llave de acceso de su cuenta en { $app }; ya no permite iniciar sesión. Si la ha eliminado usted, no tiene que hacer nada.

    Si no fue usted, elija enseguida una nueva contraseña. Así se cerrará la sesión de todos los que la hayan iniciado con su cuenta.
mail-passkey-removed-button = Elegir una nueva contraseña
mail-passkey-removed-note = Inicie sesión después y añada de nuevo una llave de acceso.

mail-organization-invitation-subject = Invitación: { $organization } en { $app }
mail-organization-invitation-text = { $inviter } le invita en { $app } a formar parte de { $organization }. Puede aceptar la invitación durante { $expiry }.
mail-organization-invitation-button = Ver la invitación
mail-organization-invitation-note = ¿No sabe de qué se trata? Entonces ignore este mensaje: nadie puede aceptar la invitación sin acceso a este buzón.
# Stands for $organization where its name could be taken for a link.
mail-organization-invitation-unnamed = una organización
