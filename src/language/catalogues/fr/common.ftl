### Dates, durations and what several places say.

month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre

# $day is a number.
date =
    { $day ->
        [1] 1er
       *[other] { $day }
    } { $month } { $year }
date-time = { $date } à { $time } (UTC)

# These come after "pendant", as in "Le lien est valable pendant 15 minutes."
duration-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
duration-hours =
    { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }
duration-days =
    { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }
