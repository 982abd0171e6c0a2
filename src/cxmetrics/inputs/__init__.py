"""Raw files in, accepted and rejected rows out.

A source's own ``.yml`` declares its tables, columns and expectations (``declaration``). Its rows come from files or
from tables of a schema (``origins``): files are found and their headers compared (``files``), read and typed by SQL
(``reading``); tables are copied (``stored``). All are checked in the warehouse by Great Expectations
(``expectations``), and what fails is kept with its reason (``quarantine``). ``run`` is the order of these steps, and
``validation_result`` what they found.
"""
