"""Text before training: reading, repair, the rules for documents and pairs, and the wall to the test sets."""
