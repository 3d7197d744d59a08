"""The run that is shown: trains, records, opens and replays it."""
