# SPDX-License-Identifier: MIT
"""The price of electricity and its carbon intensity from a source: an exporter of a grid's figures, read through the profile that gwtop-profiles(5)
shows, beside the power of two GPUs and the tokens of an engine. What the source says goes before what the configuration does."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
from harness import *  # noqa: E402

MAN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "man", "gwtop-profiles.5")
GRID = """grid_carbon_intensity_g_per_kwh{zone="DE"} 350
grid_carbon_intensity_g_per_kwh{zone="FR"} 35
grid_price_usd_per_mwh{zone="DE"} 200
grid_price_usd_per_mwh{zone="FR"} 900
"""


def engine(polls):
    labels = 'model_name="llama",engine="0"'
    return "vllm:prompt_tokens_total{%s} %d\nvllm:generation_tokens_total{%s} %d\nvllm:num_requests_running{%s} 1\n" % (labels, 900 * polls, labels, 100 * polls, labels)


def gpus():
    return "".join('DCGM_FI_DEV_POWER_USAGE{gpu="%d",UUID="GPU-%d"} %d\n' % (i, i, watts) for i, watts in enumerate((500, 300)))


asked = 0
opened = {"grid", "engine"}


def page(name):
    global asked
    asked += name == "engine"
    return {"grid": GRID, "gpus": gpus(), "engine": engine(asked)}[name] if name in opened else None


pages = Pages(page)
place = Place()
profiles = place.file("profiles")
os.mkdir(profiles)
shown = re.search(r"^\.Bd -literal[^\n]*\n(title: My grid\n.*?)^\.Ed", open(MAN).read(), re.S | re.M).group(1)
place.file("profiles/grid.yaml", shown.replace("\\-", "-"))
sources = "".join('  - {name: %s, interval: 1s, metrics: "http://127.0.0.1:%d/%s"}\n' % (name, pages.port, name) for name in ("grid", "engine", "gpus"))
config = place.file("gwtop.yaml", "gateway: prod\nrequests_per_second: 50\nprofile_dir: %s\nsources:\n%s" % (profiles, sources) + """
hosting:
  - {name: pool, scope: model=llama, gpus: 2, gpu_hour: 2 USD, power: gpus}
energy: {pue: 1.25, carbon: 4000, tariff: [{kwh: 9 USD}]}
""")
store = place.file("t.db")
recorder = Server(place, "recorder", [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store], {"XDG_RUNTIME_DIR": place.path})


def ask(*argv):
    return gwtop_json(*argv, "--store", store, "--config", config)


def pool():
    v = ask("hosting", "--since", "1h")
    return v["tariff"], {k: x["value"] for k, x in v["hosting"][0].items() if isinstance(x, dict)}


def grid():
    return [s for s in ask("sources")["sources"] if s["name"] == "grid"]


wait_for("the grid's figures", lambda: grid() and grid()[0]["state"] == "ok" and grid()[0]["series_kept"] > 0, 60, recorder)
check("two figures of one zone are kept", grid()[0]["series_kept"] == 2, str(grid()))
opened.add("gpus")  # what there is of power has its price from the first minute on
wait_for("a whole minute of power", lambda: pool()[1]["power_w"] is not None, 150, recorder)
tariff, row = pool()
check("the price is the source's", tariff == "0.2 USD/kWh, measured", tariff)
check("power: 500 W and 300 W", abs(row["power_w"] - 800) < 1e-6, str(row))
check("energy at the measured price: 0.8 kW x 1.25 x $0.20", abs(row["energy_usd_per_h"] - 0.2) < 1e-6, str(row))
check("carbon at the measured intensity: 1 kW x 350 g", abs(row["g_co2_per_h"] - 350) < 1e-6, str(row))
check("the recorder ends by itself", recorder.stop() == 0)
finish()
