"""What a WSGI server of one's own choosing starts: `sizao.wsgi:application`, with the settings in the environment."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sizao.settings")
application = get_wsgi_application()
