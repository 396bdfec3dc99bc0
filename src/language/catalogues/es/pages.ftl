### What all built-in pages share, and the pages of errors.

skip-to-content = Ir al contenido
further-links = Más enlaces
pages = Páginas
terms = Condiciones
privacy = Privacidad
support = Ayuda
language = Idioma
choose = Elegir
continue = Continuar
save = Guardar
cancel = Cancelar
optional = opcional
try-again = Intentarlo de nuevo
to-the-start = Ir a la página de inicio
impersonating = Está actuando como { $email }.
impersonating-somebody = Está actuando en lugar de otra persona.
stop-impersonating = Volver a su cuenta
error-heading = No ha funcionado
error-form-expired-heading = Este formulario ha caducado
error-form-expired-text = Vuelva a abrir la página y envíe el formulario otra vez. Si vuelve a ocurrir, permita las cookies de este sitio.
error-form-stale-heading = Mientras tanto alguien inició o cerró sesión
error-form-stale-text = Este formulario se abrió antes. Si todavía lo desea, envíelo otra vez con la cuenta en la que ha iniciado sesión ahora; las contraseñas se escriben de nuevo.
error-host-heading = En esta dirección no se aceptan formularios
error-host-text = Abra esta página en { $public }. Si usted administra este sitio: añada { $origin } a auth.trusted_origins y los formularios funcionarán también aquí.
error-400-heading = No se entiende la solicitud
error-400-text = Algo en la dirección o en el formulario no es correcto.
error-401-heading = Inicie sesión, por favor
error-401-text = Esta página es para quienes han iniciado sesión.
error-403-heading = No puede ver esta página
error-403-text = Su cuenta no tiene el permiso necesario.
error-404-heading = Esta página no existe
error-404-text = Puede que la dirección tenga un error o que la página se haya movido.
error-413-heading = Es demasiado grande
error-413-text = Lo que se envió supera lo que acepta este sitio. Envíe menos o un archivo más pequeño.
error-429-heading = Demasiadas solicitudes
error-429-text = Espere un momento e inténtelo de nuevo.
error-500-heading = Algo ha fallado aquí
error-500-text = No es culpa suya. Los responsables de este sitio pueden encontrar la causa en su registro.
error-502-heading = La aplicación no responde
error-502-text = Puede que se esté iniciando. Inténtelo de nuevo en un momento.
error-503-heading = No disponible en este momento
error-503-text = Hay demasiada actividad o una parte del sitio no funciona. No se ha perdido nada; inténtelo de nuevo en un momento.
error-504-heading = La aplicación tarda demasiado
error-504-text = Inténtelo de nuevo en un momento.
error-reference = Referencia para soporte: { $id }
try-again-soon = Inténtelo de nuevo en un momento.
retry-in-minutes =
    { $count ->
        [one] Inténtelo de nuevo dentro de { $count } minuto.
       *[other] Inténtelo de nuevo dentro de { $count } minutos.
    }
