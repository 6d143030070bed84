"""What is kept, in one SQLite file: emotion states and the privacy ledger. Floor 1; all SQL of the project is here."""
