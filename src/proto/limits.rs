//! Every cap on what the wire may ask for: its default and the attack that it stops.
