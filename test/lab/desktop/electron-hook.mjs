// `node --import` this: `electron` is the module that ELECTRON_STAND_IN names.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const url = pathToFileURL(process.env['ELECTRON_STAND_IN'] ?? '').href;
registerHooks({
  resolve: (name, context, next) =>
    name === 'electron' ? { url, shortCircuit: true } : next(name, context),
});
