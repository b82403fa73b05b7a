"""What the author of a satellite in Python writes against.

    from exosphere_satellite import satellite

    @satellite
    def run(request, context):
        return [{"text": f"{request.config['greeting']}, {request.input['name']}!"}]

``python -m exosphere_satellite main.py`` serves it to a worker; ``exosphere_satellite.testing.run`` runs it in a test.
"""

from .context import Context, Log, Resume
from .failure import Failure
from .files import Content, Files, FileValue
from .request import Request
from .satellite import Satellite, satellite

__all__ = ["Content", "Context", "Failure", "FileValue", "Files", "Log", "Request", "Resume", "Satellite", "satellite"]
