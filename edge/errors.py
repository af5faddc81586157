"""
What can go wrong, as types.

* EdgeError
  + SourceError          the camera, stream or file
    - SourceEnded          it was closed or ran out: not a fault
  + ModelError           the model would not load or run
    - ModelLoading         it is being fetched or loaded: ask again
    - ModelMissing         its file is not here and could not be had
    - ModelMismatch        the file is not what its card says
  + EncoderError         a video encoder would not open or run
  + NoGStreamer          GStreamer was asked for, and this Python has none
  + PublishError         a publisher's server or device does not take the picture
  + SignalingError       the viewer's or guest's offer
    - TooManyViewers       all places are taken
    - NotChosen            a guest's camera came while another source was chosen, or a guest is in
  + InputError           an upload or a setting
    - UnknownName          no such scheme, model, background, viewer
    - InputTooLarge        more bytes or pixels than allowed
    - UnsupportedInput     a type that is not taken
    - UndecodableInput     the right type, but broken inside
    - Forbidden            not allowed on this service (``--allow-original``)
  + Conflict             not while that is so: it is recorded already, or not at all
  + StorageError         the state or cache folder cannot be read or written

Every message says what was found, what was wanted and what to do. ``code`` is the word that the
HTTP contract gives in ``error.code``.
"""

from __future__ import annotations

from typing import ClassVar


class EdgeError(Exception):
    """Anything this service can tell its operator about."""

    code: ClassVar[str] = "error"


class SourceError(EdgeError):
    """A source could not be opened or read."""

    code = "source"


class SourceEnded(SourceError):
    """The source was closed, or has no more frames."""

    code = "source_ended"


class ModelError(EdgeError):
    """A matting model could not be loaded or run."""

    code = "model"


class ModelLoading(ModelError):
    """The model is being fetched or loaded; it will be there soon."""

    code = "model_loading"


class ModelMissing(ModelError):
    """The model's file is not on this machine and no source of it could be reached."""

    code = "model_missing"


class ModelMismatch(ModelError):
    """The model's file has another checksum, shape or type than its card says."""

    code = "model_mismatch"


class EncoderError(EdgeError):
    """A video encoder could not be opened, or gave up."""

    code = "encoder"


class NoGStreamer(EdgeError):
    """GStreamer's bindings for Python are not installed, or for another Python."""

    code = "no_gstreamer"


class PublishError(EdgeError):
    """The server or device that the picture is published to does not take it."""

    code = "publish"


class SignalingError(EdgeError):
    """An SDP offer could not be answered."""

    code = "signaling"


class TooManyViewers(SignalingError):
    """Each viewer costs this device work, and all places are in use."""

    code = "too_many_viewers"


class NotChosen(SignalingError):
    """A guest's camera was offered, but another source is chosen or another guest is in."""

    code = "not_chosen"


class InputError(EdgeError):
    """A value from outside is refused."""

    code = "bad_value"


class UnknownName(InputError):
    """Nothing goes by that name here."""

    code = "unknown"


class InputTooLarge(InputError):
    """More bytes or pixels than allowed."""

    code = "too_large"


class UnsupportedInput(InputError):
    """A type of file or body that is not taken."""

    code = "unsupported_type"


class UndecodableInput(InputError):
    """The right type by its name or first bytes, but it does not decode."""

    code = "undecodable"


class Forbidden(InputError):
    """This service was not started with leave to do that."""

    code = "forbidden"


class Conflict(EdgeError):
    """It cannot be done while something else is as it is."""

    code = "conflict"


class TooBusy(EdgeError):
    """This device has as much work of that kind as it takes."""

    code = "too_busy"


class StorageError(EdgeError):
    """A folder of ours cannot be read or written."""

    code = "storage"
