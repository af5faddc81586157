from __future__ import annotations

import pytest
import torch

from convert.errors import SizeError
from convert.networks import NETWORKS, make
from edge.errors import UnknownName
from tests.unit.convert.tiny import picture, settled

# From the paper's table: stage -> (levels, or 4 for the dilated RSU-4F, C_in, M, C_out).
U2NETP = {
    "stage1": (7, 3, 16, 64),
    "stage2": (6, 64, 16, 64),
    "stage3": (5, 64, 16, 64),
    "stage4": (4, 64, 16, 64),
    "stage5": (4, 64, 16, 64),
    "stage6": (4, 64, 16, 64),
    "stage5d": (4, 128, 16, 64),
    "stage4d": (4, 128, 16, 64),
    "stage3d": (5, 128, 16, 64),
    "stage2d": (6, 128, 16, 64),
    "stage1d": (7, 128, 16, 64),
}
U2NET = {
    "stage1": (7, 3, 32, 64),
    "stage2": (6, 64, 32, 128),
    "stage3": (5, 128, 64, 256),
    "stage4": (4, 256, 128, 512),
    "stage5": (4, 512, 256, 512),
    "stage6": (4, 512, 256, 512),
    "stage5d": (4, 1024, 256, 512),
    "stage4d": (4, 1024, 128, 256),
    "stage3d": (5, 512, 64, 128),
    "stage2d": (6, 256, 32, 64),
    "stage1d": (7, 128, 16, 64),
}
SIDES = {"u2netp": (64,) * 6, "u2net": (64, 64, 128, 256, 512, 512)}
PARAMETERS = {"u2netp": 1_131_181, "u2net": 44_009_869}  # of the published networks


def official(name: str) -> dict[str, tuple[int, ...]]:
    """Keys and shapes of the authors' .pth, in its order."""
    shapes: dict[str, tuple[int, ...]] = {}

    def convolution(key: str, given: int, out: int, kernel: int = 3) -> None:
        shapes[f"{key}.weight"] = (out, given, kernel, kernel)
        shapes[f"{key}.bias"] = (out,)

    def block(key: str, given: int, out: int) -> None:
        convolution(f"{key}.conv_s1", given, out)
        for entry in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{key}.bn_s1.{entry}"] = (out,)
        shapes[f"{key}.bn_s1.num_batches_tracked"] = ()

    for stage, (levels, given, mid, out) in (U2NETP if name == "u2netp" else U2NET).items():
        block(f"{stage}.rebnconvin", given, out)
        for level in range(1, levels + 1):
            block(f"{stage}.rebnconv{level}", out if level == 1 else mid, mid)
        for level in range(levels - 1, 0, -1):
            block(f"{stage}.rebnconv{level}d", 2 * mid, out if level == 1 else mid)
    for number, width in enumerate(SIDES[name], start=1):
        convolution(f"side{number}", width, 1)
    convolution("outconv", 6, 1, kernel=1)
    return shapes


@pytest.mark.parametrize("name", ["u2netp", "u2net"])
def test_the_state_dict_has_the_official_keys_and_shapes_in_their_order(name: str) -> None:
    with torch.device("meta"):
        network = make(name)
    own = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    assert list(own.items()) == list(official(name).items())
    assert sum(p.numel() for p in network.parameters()) == PARAMETERS[name]


MAPS = {"deeplabv3plus": 1, "rmbg": 5}  # all others are of U2NET's family


@pytest.mark.parametrize("name", NETWORKS)
def test_gives_its_maps_of_logits_at_the_size_of_the_input(name: str) -> None:
    with torch.device("meta"):
        network = make(name).eval()
        maps = network(torch.empty(2, 3, 128, 192))
    assert [tuple(each.shape) for each in maps] == [(2, 1, 128, 192)] * MAPS.get(name, 7)


def test_the_first_map_is_made_of_the_six_others() -> None:
    network = make("u2netp")
    settled(network)
    with torch.no_grad():
        fused, *sides = network(picture(64, 96))
        again = network.get_submodule("outconv")(torch.cat(sides, 1))
    assert torch.equal(fused, again)


def test_dilations_are_those_of_the_paper() -> None:
    with torch.device("meta"):
        network = make("u2netp")
    found = {
        name.removesuffix(".conv_s1"): module.dilation[0]
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Conv2d) and module.dilation != (1, 1)
    }
    dilated = {"rebnconv2": 2, "rebnconv3": 4, "rebnconv4": 8, "rebnconv3d": 4, "rebnconv2d": 2}
    wanted = {
        f"{stage}.{block}": dilation
        for stage in ("stage5", "stage6", "stage5d")
        for block, dilation in dilated.items()
    }
    for stage, (levels, *_) in U2NETP.items():
        if stage not in ("stage5", "stage6", "stage5d"):
            wanted[f"{stage}.rebnconv{levels}"] = 2
    assert found == wanted


def test_normalisation_is_inside() -> None:
    network = make("u2netp")
    settled(network)
    rgb = picture(32, 32)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    with torch.no_grad():
        assert torch.equal(network(rgb)[0], network.logits((rgb - mean) / std)[0])


@pytest.mark.parametrize(
    ("name", "height", "width", "near"),
    [
        ("u2netp", 190, 320, "192x320"),
        ("portrait_fast", 192, 352, "192x3[28]"),
        ("u2net", 0, 9, "32x32"),
    ],
)
def test_a_size_that_cannot_be_halved_is_refused_with_the_nearest(
    name: str, height: int, width: int, near: str
) -> None:
    with torch.device("meta"):
        network = make(name)
        with pytest.raises(SizeError, match=f"{height}x{width}.*multiples of.*{near}"):
            network(torch.empty(1, 3, height, width))


def test_an_unknown_network_lists_those_there_are() -> None:
    with pytest.raises(UnknownName, match="u2netp, u2net, portrait, portrait_fast"):
        make("u3net")
