"""What ships for whoever runs the bot fits the bot: the systemd unit, the image, the compose files."""

import asyncio
import json
import re
import shlex
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from bot.__main__ import build_parser, run
from bot.app import DRAIN_SECONDS
from bot.config import load_settings
from bot.errors import OperatorError
from bot.health_server import pages
from tests.test_health_server import Told

ROOT = Path(__file__).parent.parent
UNIT = ROOT / "deploy" / "peer-circles.service"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SESSIONS_A_DAY = 1_000  # that Discord lets a bot begin


@pytest.fixture
def service() -> dict[str, str]:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(UNIT, encoding="utf-8")
    return dict(parser["Service"])


def seconds(time: str) -> int:
    return int(time.removesuffix("s"))


def test_the_unit_starts_a_command_that_there_is(service):
    program, *arguments = shlex.split(service["ExecStart"])
    assert program.endswith("/.venv/bin/peer-circles")
    args = build_parser().parse_args(arguments)
    assert args.run is run
    assert args.config == Path(service["WorkingDirectory"]) / "config.toml"


def test_the_unit_tries_again_only_what_may_pass_by_itself(service):
    assert service["Restart"] == "on-failure"
    assert service["RestartPreventExitStatus"] == str(OperatorError("to be mended").exit_code)
    assert 86_400 / seconds(service["RestartSec"]) < SESSIONS_A_DAY


def test_whatever_stops_the_bot_gives_it_time_to_end_its_deliveries(service):
    graces = [seconds(service["TimeoutStopSec"])]
    for name in ("compose.yaml", "compose.sqlite.yaml"):
        found = re.findall(r"stop_grace_period: (\d+)s", (ROOT / name).read_text(encoding="utf-8"))
        graces += [int(each) for each in found]
    assert len(graces) == 3
    assert min(graces) >= 2 * DRAIN_SECONDS


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_knows_every_line_of_the_unit(tmp_path: Path, service):
    here = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8").replace(shlex.split(service["ExecStart"])[0], sys.executable)
    here.write_text(text, encoding="utf-8")
    told = subprocess.run(
        ["systemd-analyze", "verify", str(here)], capture_output=True, text=True, check=False, timeout=60
    )
    assert [line for line in told.stderr.splitlines() if line.startswith(UNIT.name) or str(here) in line] == []


def test_the_image_serves_health_within_itself_alone(tmp_path: Path):
    (port,) = re.findall(r"METRICS_PORT=(\d+)", DOCKERFILE)
    metrics = load_settings(tmp_path / "config.toml", {"METRICS_PORT": port}).metrics
    assert (metrics.port, metrics.host) == (int(port), "127.0.0.1")


async def healthcheck(port: str) -> int:
    """Run what the image asks with, as Docker does."""
    (command,) = re.findall(r"^HEALTHCHECK [^[]*CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)
    program, *arguments = json.loads(command)
    assert program == "python"
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env={"METRICS_PORT": port}, stdout=asyncio.subprocess.DEVNULL
    )
    return await process.wait()


@pytest.mark.parametrize(("well", "code"), [(True, 0), (False, 1)])
async def test_the_images_health_is_the_bots(well, code):
    async with TestServer(pages(Told(well=well))) as server:
        assert await healthcheck(str(server.port)) == code


async def test_an_image_whose_bot_does_not_answer_is_not_well_and_one_without_a_port_is():
    assert await healthcheck("1") == 1
    assert await healthcheck("0") == 0
