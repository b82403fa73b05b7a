import type { Dispatcher } from './dispatcher.ts';
import { createDispatcher } from './dispatcher.ts';
import type { Satellite } from './contract.ts';
import type { GuestOptions } from './guest-request.ts';
import type { HostFunctions } from './host-link.ts';
import { answerAsk, connectHost } from './host-link.ts';
import { installWeb } from './web/install.ts';

/** What the host calls with its messages. */
type Receive = (kind: string, id: number, text: string | null, bytes: ArrayBuffer | null) => void;

/** The bundle: a function that gives the default export of the satellite's module. */
type Bundle = () => unknown;

/** The default export was no satellite, or the module threw: the same in every attempt. */
class SatelliteInvalid extends TypeError {
  override readonly name = 'SatelliteFailure';
  readonly code = 'satellite-invalid';
  readonly retryable = false;
}

function load(bundle: Bundle): Satellite | { readonly fault: unknown } {
  try {
    const satellite = bundle();
    if (typeof satellite === 'object' && satellite !== null && 'run' in satellite && typeof satellite.run === 'function') {
      return satellite as Satellite; // it has `run`; what it does is its own affair
    }
    return {
      fault: new SatelliteInvalid(
        "The default export of the satellite's entry module has no function `run`: export default defineSatellite({ run })",
      ),
    };
  } catch (thrown) {
    const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return { fault: new SatelliteInvalid(`The satellite cannot be loaded: ${message}`) };
  }
}

/** Called once by the host in a fresh context: installs the web platform, loads the satellite, gives the function that takes messages. */
export function start(send: HostFunctions['send'], compute: HostFunctions['compute'], bundle: Bundle, optionsText: string): Receive {
  connectHost({ send, compute });
  const options = JSON.parse(optionsText) as GuestOptions; // written by the host
  let dispatcher: Dispatcher | null = null; // console may be called while the bundle loads
  installWeb((level, message) => dispatcher?.log(level, message));
  const loaded = createDispatcher(load(bundle), options);
  dispatcher = loaded;
  return (kind, id, text, bytes) => {
    if (kind === 'answer') answerAsk(id, text ?? '{"value":null}', bytes);
    else if (kind === 'call') loaded.call(id, text ?? '');
    else if (kind === 'expire') loaded.expire(id);
  };
}
