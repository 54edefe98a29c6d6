"""Where the home folder cannot be written, matplotlib says so in red as it is imported; yet it works. So it is hushed.

Imported before matplotlib, wherever a lesson may begin.
"""

import logging

logging.getLogger("matplotlib").addFilter(lambda told: told.funcName != "_get_config_or_cache_dir")
