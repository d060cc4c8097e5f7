"""The clients that ghsync is compared with: each a program that reads a job and prints a result."""
