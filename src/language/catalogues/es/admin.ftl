### The pages of administration.

admin-users = Usuarios
admin-organizations = Organizaciones
admin-audit = Registro de auditoría
admin-outbox = Bandeja de salida
admin-health = Estado
admin-paging = Páginas de la lista
admin-previous = Anterior
admin-next = Siguiente
admin-to-the-first = Al principio
admin-page-of = { $first }–{ $last } de { $total }
admin-search = Buscar
admin-search-in = Buscar en
admin-any = Todos
admin-role = Rol
admin-roles = Roles
admin-roles-hint = Varios, separados por comas, por ejemplo admin, support.
admin-filter-ban = Bloqueo
admin-banned = Bloqueado
admin-not-banned = No bloqueado
admin-filter-address = Dirección
admin-verified = Dirección confirmada
admin-not-verified = Dirección sin confirmar
admin-two-factor = Autenticación de dos factores
admin-users-found =
    { $count ->
        [one] { $count } usuario
       *[other] { $count } usuarios
    }
admin-created = Creado el { $when }
admin-since = Desde el { $when }
admin-create-user = Crear un usuario
admin-create-user-text = Sin contraseña, la persona recibe un correo con un enlace para elegirla.
admin-password-hint = Déjela vacía para que la persona la elija.
admin-address-is-theirs = Consta que la dirección es suya
admin-about = Datos
admin-created-at = Creación
admin-changed-at = Último cambio
admin-user-id = Identificador
admin-banned-until = Fin del bloqueo
admin-for-good = nunca
admin-ban-reason = Motivo
admin-events-of-user = Eventos en el registro de auditoría
admin-sessions = Sesiones
admin-no-sessions = Ninguna sesión abierta.
admin-more-sessions =
    { $count ->
        [one] Hay { $count } sesión más que no se muestra.
       *[other] Hay { $count } sesiones más que no se muestran.
    }
admin-unknown-device = Dispositivo desconocido
admin-last-seen = Último uso el { $when }
admin-signed-in = Inicio de sesión el { $when }
admin-impersonated = En esta sesión actúa un administrador.
admin-end-session = Cerrar
admin-end-sessions = Cerrar todas las sesiones
admin-sign-in = Formas de iniciar sesión
admin-no-sign-in = No hay contraseña, llave de acceso ni cuenta vinculada.
admin-passkey = Llave de acceso
admin-factor-app = Autenticación de dos factores: aplicación de autenticación
admin-factor-mail = Autenticación de dos factores: códigos por correo
admin-factor-unproved = Sin terminar: todavía no se pide.
admin-backup-codes =
    { $count ->
        [one] Queda { $count } código de respaldo
       *[other] Quedan { $count } códigos de respaldo
    }
admin-trusted-browsers =
    { $count ->
        [one] { $count } navegador de confianza
       *[other] { $count } navegadores de confianza
    }
admin-roles-text = Los nuevos roles se aplican desde la siguiente petición de cada sesión.
admin-ban-heading = Bloquear
admin-ban-text = Se cierran todas las sesiones y nadie puede iniciar sesión en la cuenta.
admin-ban-reason-hint = Solo lo ven los administradores.
admin-ban-until = Hasta
admin-ban-until-hint = El bloqueo termina cuando empieza ese día (UTC). Sin fecha, no termina nunca.
admin-ban-until-past = Elija un día futuro.
admin-ban = Bloquear al usuario
admin-unban-heading = Quitar el bloqueo
admin-unban-text = La persona puede volver a iniciar sesión enseguida.
admin-unban = Quitar el bloqueo
admin-password-heading = Contraseña
admin-password-text = Se cierran todas las sesiones y se avisa a la persona por correo.
admin-impersonate-heading = Actuar en su lugar
admin-impersonate-for = Usted ve lo que ve la persona, durante { $duration } como máximo. Queda registrado.
admin-impersonate = Actuar en su lugar
admin-remove-heading = Eliminar
admin-remove-text = La cuenta se elimina con todo lo que le pertenece.
admin-remove-user = Eliminar al usuario
admin-remove-question = ¿Eliminar a este usuario?
admin-remove-confirm = Esto no se puede deshacer.
admin-said-user-created = Se ha creado el usuario.
admin-said-user-removed = Se ha eliminado el usuario.
admin-said-roles-set = Se han cambiado los roles.
admin-said-banned = Se ha bloqueado al usuario.
admin-said-unbanned = Se ha quitado el bloqueo.
admin-said-session-ended = Se ha cerrado la sesión.
admin-said-sessions-ended = Se han cerrado todas las sesiones.
admin-said-password-set = Se ha cambiado la contraseña.
admin-said-mail-retried = Se está enviando de nuevo.
admin-event = Evento
admin-event-user = Usuario (dirección o identificador)
admin-from = Desde
admin-to = Hasta
admin-event-about = Cuenta
admin-event-actor = Hecho por
admin-event-address = Dirección IP
admin-event-browser = Navegador
admin-event-request = Petición
admin-event-detail = Detalle
admin-details = Más
admin-no-events = No se han encontrado eventos.
admin-export-csv = Descargar como tabla (CSV)
admin-export-jsonl = Descargar como líneas JSON
admin-export-bounds = Lo que encuentran los filtros, como máximo los { $events } eventos más recientes o { $size } MB. El nombre de un archivo recortado lo indica. El comando authgate audit export no tiene límite.
admin-slug = Nombre corto
admin-organization-id = Identificador
admin-no-organizations = No se han encontrado organizaciones.
admin-members-count =
    { $count ->
        [one] { $count } miembro
       *[other] { $count } miembros
    }
admin-mail-state = Estado
admin-mail-failed = Abandonado
admin-mail-waiting = En espera
admin-mail-failed-count =
    { $count ->
        [one] { $count } abandonado
       *[other] { $count } abandonados
    }
admin-mail-waiting-count =
    { $count ->
        [one] { $count } en espera
       *[other] { $count } en espera
    }
admin-mail-oldest =
    { $count ->
        [one] El más antiguo espera desde hace { $count } minuto.
       *[other] El más antiguo espera desde hace { $count } minutos.
    }
admin-mail-made = Escrito el { $when }
admin-mail-given-up = Abandonado el { $when }
admin-mail-next = Próximo intento el { $when }
admin-mail-attempts =
    { $count ->
        [one] { $count } intento
       *[other] { $count } intentos
    }
admin-mail-error = Motivo: { $error }
admin-mail-retry = Enviar de nuevo
admin-mail-retry-all = Enviar de nuevo todos los abandonados
admin-no-mail = No hay correos en espera ni abandonados.
admin-all-well = Todo está bien
admin-not-all-well = Algo requiere su atención
admin-checks = Comprobaciones
admin-gateway-version = AuthGate
admin-database = Base de datos
admin-database-state = PostgreSQL { $version }, responde en { $ms } ms
admin-connections = Conexiones
admin-connections-state = { $used } de { $max } en uso
admin-tasks = Tareas en segundo plano
admin-tasks-run = Todas funcionan
admin-tasks-stopped = Paradas: { $tasks }
admin-upstreams = Aplicaciones tras la pasarela
admin-upstream-up = En servicio
admin-upstream-down = Fuera de servicio
admin-configuration = Configuración vigente
admin-configuration-newest = El archivo se aplica tal como estaba en la última lectura.
admin-configuration-refused = El archivo se cambió después, pero tiene errores: sigue vigente la configuración anterior. El registro del servidor los indica.
admin-configuration-file = Archivo
admin-configuration-loaded = Cargada
