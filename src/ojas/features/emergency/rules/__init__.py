"""Who is told of a call for help and when, the numbers of a country, what may stand on a card. No clock, no database."""
