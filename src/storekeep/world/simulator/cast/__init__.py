"""The people of the play, each file one job; they act through the same verbs as the pages do."""
