import { isIPv4, isIPv6 } from 'node:net';
import type { ByteString } from '../template/byte-string.ts';
import { quote } from '../template/quote.ts';
import { CallError } from '../template/template-error.ts';
import { splitText } from './split-text.ts';

/** The hosts of a list of URLs, each once, sorted. */
export function extractEndpointHosts(endpoints: ByteString): ByteString[] {
  const hosts = splitText(endpoints, ',').map((endpoint) => {
    const url = endpoint.startsWith('http') ? endpoint : `http://${endpoint}`;
    const parsed = parseUrl(url);
    if (parsed.outcome === 'host') return parsed.host;
    throw new CallError(`unable to parse endpoint '${url}': parse ${quote(parsed.url)}: ${parsed.reason}`);
  });
  return [...new Set(hosts)].sort();
}

type ParsedHost =
  | { readonly outcome: 'host'; readonly host: ByteString }
  | { readonly outcome: 'refused'; readonly reason: ByteString };

/** A wrong escape in the fragment is reported with all of the URL, anything else with what is before it. */
function parseUrl(url: ByteString): ParsedHost & { readonly url: ByteString } {
  const hash = url.indexOf('#');
  const parsed = readHost(hash < 0 ? url : url.slice(0, hash));
  const wrong = hash < 0 || parsed.outcome === 'refused' ? undefined : badEscape(url.slice(hash + 1));
  return wrong === undefined ? { ...parsed, url: hash < 0 ? url : url.slice(0, hash) } : { ...wrong, url };
}

/** As Go's url.Parse and Hostname read it, which differs from browsers: `localhost:80` has a scheme and no host. */
function readHost(url: ByteString): ParsedHost {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what Go refuses
  if (/[\0-\x1f\x7f]/.test(url)) return refused('net/url: invalid control character in URL');
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(url)?.[0] ?? '';
  const [rest = ''] = url.slice(scheme.length).split('?', 1);
  if (scheme === '' && rest.split('/', 1)[0]?.includes(':')) {
    return refused('first path segment in URL cannot contain colon');
  }
  if (scheme !== '' && !rest.startsWith('/')) return { outcome: 'host', host: '' };
  const authority = scheme !== '' && rest.startsWith('//') ? (rest.slice(2).split('/', 1)[0] ?? '') : '';
  const path = rest.slice(authority === '' ? 0 : authority.length + 2);
  const parsed = readAuthority(authority);
  const wrong = badEscape(path);
  return parsed.outcome === 'host' && wrong !== undefined ? wrong : parsed;
}

function readAuthority(authority: ByteString): ParsedHost {
  const at = authority.lastIndexOf('@');
  const parsed = readHostPort(authority.slice(at + 1));
  const user = at < 0 ? '' : authority.slice(0, at);
  if (parsed.outcome === 'refused') return parsed;
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return refused('net/url: invalid userinfo');
  return badEscape(user) ?? parsed;
}

function readHostPort(host: ByteString): ParsedHost {
  const open = host.lastIndexOf('[');
  if (open > 0) return refused('invalid IP-literal');
  const close = host.lastIndexOf(']');
  if (open === 0 && close < 0) return refused("missing ']' in host");
  const colon = open === 0 ? close + 1 : host.lastIndexOf(':');
  const port = colon < 0 ? '' : host.slice(colon);
  if (!/^(:[0-9]*)?$/.test(port)) return refused(`invalid port ${quote(port)} after host`);
  if (open === 0) return readLiteral(host.slice(1, close));
  const parsed = readName(host);
  return parsed.outcome === 'refused' ? parsed : { outcome: 'host', host: withoutPort(parsed.host) };
}

/** In brackets nothing but an IPv6 address may stand. */
function readLiteral(text: ByteString): ParsedHost {
  const zoneAt = text.indexOf('%25');
  const parsed = readName(zoneAt < 0 ? text : text.slice(0, zoneAt));
  const zone = zoneAt < 0 ? undefined : readName(text.slice(zoneAt), zoneEscape);
  if (parsed.outcome === 'refused') return parsed;
  if (zone?.outcome === 'refused') return zone;
  const literal = parsed.host + (zone?.host ?? '');
  if (isIPv4(literal)) return refused('invalid IP-literal');
  const [address = '', ...zones] = literal.split('%');
  const isAddress = isIPv6(address) && zones[0] !== '';
  return isAddress
    ? { outcome: 'host', host: literal }
    : refused(`invalid host: ParseAddr(${quote(literal)}): unable to parse IP`);
}

function withoutPort(host: ByteString): ByteString {
  const name = host.replace(/:[0-9]*$/, '');
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}

/** Escapes are for what isn't ASCII only. */
const hostEscape = /%(?!25|[89a-fA-F][0-9a-fA-F])/.source;
/** Also for what may stand there without, and a space. */
const zoneEscape =
  /%(?!2[014-9a-eA-E]|3[0-9a-eA-E]|[46][1-9a-fA-F]|[57][0-9aA]|5[bBdDfF]|7[eE]|[89a-fA-F][0-9a-fA-F]|22)/.source;
const wrongCharacter = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\x80-\xff]/.source;

/** The first thing that is wrong counts. */
function readName(name: ByteString, wrongEscape = hostEscape): ParsedHost {
  const wrong = new RegExp(`${wrongEscape}.{0,2}|${wrongCharacter}`).exec(name)?.[0];
  if (wrong?.startsWith('%')) return refused(`invalid URL escape ${quote(wrong)}`);
  if (wrong !== undefined) return refused(`invalid character ${quote(wrong)} in host name`);
  const host = name.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { outcome: 'host', host };
}

function badEscape(text: ByteString): ParsedHost | undefined {
  const found = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text)?.[0];
  return found === undefined ? undefined : refused(`invalid URL escape ${quote(found)}`);
}

function refused(reason: ByteString): ParsedHost {
  return { outcome: 'refused', reason };
}
