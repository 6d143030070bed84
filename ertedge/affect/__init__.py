"""From predictions to a state: fusion, valence and arousal, tracking over time. Floor 1; pure, the clock is passed in."""
