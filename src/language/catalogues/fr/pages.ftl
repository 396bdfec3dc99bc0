### What all built-in pages share, and the pages of errors.

skip-to-content = Aller au contenu
further-links = Autres liens
pages = Pages
terms = Conditions
privacy = Confidentialité
support = Aide
language = Langue
choose = Choisir
continue = Continuer
save = Enregistrer
cancel = Annuler
optional = facultatif
try-again = Réessayer
to-the-start = Aller à la page d’accueil
impersonating = Vous agissez en tant que { $email }.
impersonating-somebody = Vous agissez à la place d’une autre personne.
stop-impersonating = Revenir à votre compte
error-heading = Cela n’a pas fonctionné
error-form-expired-heading = Ce formulaire a expiré
error-form-expired-text = Rouvrez la page et envoyez le formulaire encore une fois. Si cela se reproduit, autorisez les cookies pour ce site.
error-form-stale-heading = Quelqu’un s’est connecté ou déconnecté entre-temps
error-form-stale-text = Ce formulaire a été ouvert avant cela. Si vous le souhaitez toujours, renvoyez-le avec le compte auquel vous êtes connecté maintenant ; les mots de passe doivent être saisis de nouveau.
error-host-heading = Les formulaires ne sont pas acceptés à cette adresse
error-host-text = Ouvrez cette page à l’adresse { $public }. Si vous gérez ce site : ajoutez { $origin } à auth.trusted_origins, et les formulaires fonctionneront ici aussi.
error-400-heading = La requête est incompréhensible
error-400-text = Quelque chose dans l’adresse ou le formulaire n’est pas correct.
error-401-heading = Veuillez vous connecter
error-401-text = Cette page est réservée aux personnes connectées.
error-403-heading = Cette page ne vous est pas accessible
error-403-text = Votre compte n’a pas l’autorisation nécessaire ici.
error-404-heading = Cette page n’existe pas
error-404-text = L’adresse contient peut-être une erreur, ou la page a été déplacée.
error-413-heading = C’est trop volumineux
error-413-text = Ce qui a été envoyé dépasse ce que ce site accepte. Envoyez-en moins, ou un fichier plus petit.
error-429-heading = Trop de requêtes
error-429-text = Attendez un instant, puis réessayez.
error-500-heading = Une erreur s’est produite
error-500-text = Ce n’est pas votre faute. Les responsables du site trouveront la cause dans leur journal.
error-502-heading = L’application ne répond pas
error-502-text = Elle est peut-être en train de démarrer. Réessayez dans un instant.
error-503-heading = Indisponible pour le moment
error-503-text = Le site est trop sollicité, ou une partie du site est en panne. Rien n’a été perdu ; réessayez dans un instant.
error-504-heading = L’application met trop de temps à répondre
error-504-text = Réessayez dans un instant.
error-reference = Référence pour l’assistance : { $id }
try-again-soon = Réessayez dans un instant.
retry-in-minutes =
    { $count ->
        [one] Réessayez dans { $count } minute.
       *[other] Réessayez dans { $count } minutes.
    }
