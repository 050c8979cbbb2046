"""The test runner behind scripts/test: suites, their time limits, and one count over all of them."""
