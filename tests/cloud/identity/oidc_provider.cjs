// An OpenID provider as it is on npm, for the tests: signs in whoever the address names, without a password.
// node oidc_provider.cjs MODULES REDIRECTS  → prints its issuer; ends when its standard input does.
'use strict';
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const http = require('node:http');

const [modules, redirect] = process.argv.slice(2);
process.stdin.on('end', () => process.exit(0)).resume();

(async () => {
  const at = path.join(modules, 'oidc-provider', 'lib', 'index.js');
  const { default: Provider } = await import(pathToFileURL(at).href);
  const server = http.createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const people = {
    ana: { email: 'Ana@Example.com', email_verified: true, given_name: 'Ana', family_name: 'Souza' },
    eva: { email: 'eva@example.com', email_verified: false },
  };
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'weft', client_secret: 'a secret the two share', redirect_uris: [`${redirect}any/done`],
      response_types: ['code'], grant_types: ['authorization_code'],
    }],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['of the tests'] },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  });
  // An address for each organization, which the tests make as they go.
  provider.Client.prototype.redirectUriAllowed = (uri) => uri.startsWith(redirect);
  const answer = provider.callback();
  server.on('request', async (req, res) => {
    const url = new URL(req.url, issuer);
    if (!url.pathname.startsWith('/interaction/')) return answer(req, res);
    const details = await provider.interactionDetails(req, res);
    const accountId = details.params.login_hint || 'ana';
    if (details.prompt.name === 'login') {
      return provider.interactionFinished(req, res, { login: { accountId } }, { mergeWithLastSubmission: false });
    }
    const grant = new provider.Grant({ accountId: details.session.accountId, clientId: details.params.client_id });
    grant.addOIDCScope('openid email profile');
    const grantId = await grant.save();
    return provider.interactionFinished(req, res, { consent: { grantId } }, { mergeWithLastSubmission: true });
  });
  console.log(issuer);
})();
