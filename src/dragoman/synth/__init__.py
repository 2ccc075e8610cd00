"""Parallel text written by a teacher: what is asked, the journal of answers, the checks, the pairs."""
