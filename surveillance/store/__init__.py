"""Keep everything in one SQL database: SQLite by default, PostgreSQL in service.

All table definitions live in :mod:`surveillance.store.schema`; reads and writes by subject
in the modules beside it. Records are append-only and every read of them takes ``as_of``.
"""
