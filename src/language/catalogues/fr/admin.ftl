### The pages of administration.

admin-users = Utilisateurs
admin-organizations = Organisations
admin-audit = Journal d’audit
admin-outbox = Boîte d’envoi
admin-health = État
admin-paging = Pages de la liste
admin-previous = Précédent
admin-next = Suivant
admin-to-the-first = Au début
admin-page-of = { $first }–{ $last } sur { $total }
admin-search = Rechercher
admin-search-in = Rechercher dans
admin-any = Tous
admin-role = Rôle
admin-roles = Rôles
admin-roles-hint = Séparez-en plusieurs par des virgules, par exemple admin, support.
admin-filter-ban = Blocage
admin-banned = Bloqué
admin-not-banned = Non bloqué
admin-filter-address = Adresse
admin-verified = Adresse confirmée
admin-not-verified = Adresse non confirmée
admin-two-factor = Authentification à deux facteurs
admin-users-found =
    { $count ->
        [one] { $count } utilisateur
       *[other] { $count } utilisateurs
    }
admin-created = Créé le { $when }
admin-since = Depuis le { $when }
admin-create-user = Créer un utilisateur
admin-create-user-text = Sans mot de passe, la personne reçoit un e-mail avec un lien pour en choisir un.
admin-password-hint = Laissez vide pour que la personne choisisse elle-même.
admin-address-is-theirs = L’adresse est bien la sienne
admin-about = Informations
admin-created-at = Création
admin-changed-at = Dernière modification
admin-user-id = Identifiant
admin-banned-until = Fin du blocage
admin-for-good = jamais
admin-ban-reason = Motif
admin-events-of-user = Événements dans le journal d’audit
admin-sessions = Sessions
admin-no-sessions = Aucune session ouverte.
admin-more-sessions =
    { $count ->
        [one] { $count } autre session n’est pas affichée.
       *[other] { $count } autres sessions ne sont pas affichées.
    }
admin-unknown-device = Appareil inconnu
admin-last-seen = Dernière utilisation le { $when }
admin-signed-in = Connexion le { $when }
admin-impersonated = Un administrateur agit dans cette session.
admin-end-session = Fermer
admin-end-sessions = Fermer toutes les sessions
admin-sign-in = Moyens de connexion
admin-no-sign-in = Ni mot de passe, ni clé d’accès, ni compte associé.
admin-passkey = Clé d’accès
admin-factor-app = Authentification à deux facteurs : application d’authentification
admin-factor-mail = Authentification à deux facteurs : codes par e-mail
admin-factor-unproved = Configuration inachevée : elle n’est pas encore demandée.
admin-backup-codes =
    { $count ->
        [one] { $count } code de secours restant
       *[other] { $count } codes de secours restants
    }
admin-trusted-browsers =
    { $count ->
        [one] { $count } navigateur de confiance
       *[other] { $count } navigateurs de confiance
    }
admin-roles-text = Les nouveaux rôles s’appliquent dès la prochaine requête de chaque session.
admin-ban-heading = Bloquer
admin-ban-text = Toutes les sessions se ferment et personne ne peut se connecter au compte.
admin-ban-reason-hint = Visible des administrateurs seulement.
admin-ban-until = Jusqu’au
admin-ban-until-hint = Le blocage prend fin au début de ce jour (UTC). Sans date, il ne prend jamais fin.
admin-ban-until-past = Choisissez un jour à venir.
admin-ban = Bloquer l’utilisateur
admin-unban-heading = Lever le blocage
admin-unban-text = La personne peut se reconnecter aussitôt.
admin-unban = Lever le blocage
admin-password-heading = Mot de passe
admin-password-text = Toutes les sessions se ferment et la personne est prévenue par e-mail.
admin-impersonate-heading = Agir à sa place
admin-impersonate-for = Vous voyez ce que la personne voit, pendant { $duration } au plus. C’est enregistré.
admin-impersonate = Agir à sa place
admin-remove-heading = Supprimer
admin-remove-text = Le compte disparaît avec tout ce qui lui appartient.
admin-remove-user = Supprimer l’utilisateur
admin-remove-question = Supprimer cet utilisateur ?
admin-remove-confirm = C’est irréversible.
admin-said-user-created = L’utilisateur est créé.
admin-said-user-removed = L’utilisateur est supprimé.
admin-said-roles-set = Les rôles sont modifiés.
admin-said-banned = L’utilisateur est bloqué.
admin-said-unbanned = Le blocage est levé.
admin-said-session-ended = La session est fermée.
admin-said-sessions-ended = Toutes les sessions sont fermées.
admin-said-password-set = Le mot de passe est défini.
admin-said-mail-retried = L’envoi est relancé.
admin-event = Événement
admin-event-user = Utilisateur (adresse ou identifiant)
admin-from = Du
admin-to = Au
admin-event-about = Compte
admin-event-actor = Fait par
admin-event-address = Adresse IP
admin-event-browser = Navigateur
admin-event-request = Requête
admin-event-detail = Détail
admin-details = Plus
admin-no-events = Aucun événement trouvé.
admin-export-csv = Télécharger sous forme de tableau (CSV)
admin-export-jsonl = Télécharger sous forme de lignes JSON
admin-export-bounds = Ce que trouvent les filtres, les { $events } événements les plus récents ou { $size } Mo au plus. Le nom d’un fichier tronqué l’indique. La commande authgate audit export n’a pas de limite.
admin-slug = Nom court
admin-organization-id = Identifiant
admin-no-organizations = Aucune organisation trouvée.
admin-members-count =
    { $count ->
        [one] { $count } membre
       *[other] { $count } membres
    }
admin-mail-state = État
admin-mail-failed = Abandonné
admin-mail-waiting = En attente
admin-mail-failed-count =
    { $count ->
        [one] { $count } abandonné
       *[other] { $count } abandonnés
    }
admin-mail-waiting-count =
    { $count ->
        [one] { $count } en attente
       *[other] { $count } en attente
    }
admin-mail-oldest =
    { $count ->
        [one] Le plus ancien attend depuis { $count } minute.
       *[other] Le plus ancien attend depuis { $count } minutes.
    }
admin-mail-made = Rédigé le { $when }
admin-mail-given-up = Abandonné le { $when }
admin-mail-next = Prochain essai le { $when }
admin-mail-attempts =
    { $count ->
        [one] { $count } essai
       *[other] { $count } essais
    }
admin-mail-error = Motif : { $error }
admin-mail-retry = Renvoyer
admin-mail-retry-all = Renvoyer tous les e-mails abandonnés
admin-no-mail = Aucun e-mail en attente ou abandonné.
admin-all-well = Tout va bien
admin-not-all-well = Quelque chose demande votre attention
admin-checks = Vérifications
admin-gateway-version = AuthGate
admin-database = Base de données
admin-database-state = PostgreSQL { $version }, répond en { $ms } ms
admin-connections = Connexions
admin-connections-state = { $used } sur { $max } utilisées
admin-tasks = Tâches en arrière-plan
admin-tasks-run = Toutes fonctionnent
admin-tasks-stopped = Arrêtées : { $tasks }
admin-upstreams = Applications derrière la passerelle
admin-upstream-up = En service
admin-upstream-down = Hors service
admin-configuration = Configuration en vigueur
admin-configuration-newest = Le fichier est appliqué tel qu’il était à la dernière lecture.
admin-configuration-refused = Le fichier a été modifié depuis, mais contient des erreurs : la configuration précédente reste en vigueur. Le journal du serveur les indique.
admin-configuration-file = Fichier
admin-configuration-loaded = Chargée
