import { isSecretName } from './secret-name.ts';
import { isHarmless } from './secret-value.ts';

/** Given each secret that is found, says what is to stand in its place. */
export type Substitute = (secret: string) => string;

/** Finds secrets by what they look like. Groups: what stays before, the secret, and what stays after. */
const shapes: readonly RegExp[] = [
  /(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)((?:(?!-----END )[\s\S])+)/g,
  /()(?<![\w-])(eyJ[\w-]{8,500}\.[\w-]{8,}(?:\.[\w-]*)?)/g,
  /()\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?:[/:, ]+[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=]))?)(?![A-Za-z0-9])/g,
  /()\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl(?:pat|dt|rt|ptt|soat)-[\w-]{16,})/g,
  /()\b(xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|(?:AIza[\w-]{35}|ya29\.[\w-]{10,}|GOCSPX-[\w-]{20,}))/g,
  /(\/\/hooks\.slack\.com\/(?:services|workflows)\/)([\w/]+)/g,
  /()\b((?:sk|rk)_(?:live|test)_\w{16,}|whsec_\w{16,}|npm_\w{30,}|pypi-\w[\w-]{20,}|SG\.[\w-]{16,100}\.[\w-]{16,}|sk-[\w-]{20,}|dop_v1_\w{32,}|hv[sb]\.[\w-]{20,}|dckr_pat_[\w-]{20,}|shp(?:at|ca|pa|ss)_\w{32}|hf_\w{30,}|dapi[0-9a-f]{32}|AGE-SECRET-KEY-1[A-Z0-9]{30,}|\d{8,10}:AA[\w-]{30,})/g,
  // Hashes of passwords: crypt, htpasswd, LDAP.
  /()(\$(?:apr1|1)\$[./\w]{1,8}\$[./\w]{22}|\$2[abxy]\$\d\d\$[./\w]{53}|\$[56y]\$(?:rounds=\d+\$|\w+\$)?[./\w]{1,22}\$[./\w]{43,86}|\$argon2\w*\$[\w=,$+/-]{20,}|\{S?SHA\d{0,3}\}[\w+/=]{20,})/g,
  // The password of a URL, and a token that stands for user and password.
  /((?<![\w+.-])[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@"'`]{0,200}:)([^\s/"'`]{1,2000})(@)/gi,
  /((?<![\w+.-])[a-z][a-z0-9+.-]{0,30}:\/\/)((?=[^\s/:@]{0,200}\d)[^\s/:@"'`]{20,2000})(@)/gi,
  /([?&](?:sig|signature|X-Amz-(?:Signature|Credential|Security-Token))=)([^\s&"'`]+)/gi,
  // HTTP.
  /((?:proxy-)?authorization["']?[ \t]*[:=][ \t]*["']?(?:(?:bearer|basic|token|digest|apikey|negotiate)[ \t]+)?)([^\s"'\\][^"'\\\n]*)/gi,
  /(\bBearer[ \t]+)((?=[^\s"']{0,200}\d)[\w.~+/=-]{8,})/gi,
  /(\bBasic[ \t]+)((?=[\w+/]{0,200}[A-Z0-9])[\w+/]{8,}={0,2})(?![\w+/-])/g,
  /((?:^|["'\s])(?:set-)?cookie:[ \t]*)([^\s"'][^"'\n]*)/gim,
  /((?:^|["'\s])(?:x-[\w-]{0,60}(?:key|token|secret|password)|private-token|api-?key):[ \t]*)([^\s"']+)/gim,
  // Programs that take the password by a short option.
  /(\b(?:mysql\w*|mariadb[\w-]*|mongo\w*|sshpass|influx|(?:docker|podman|registry|az|oc|crane|skopeo)[ \t]+login)\b[^\n|;&]{0,200}?[ \t]-p[ \t]?)("[^"\n]+"|'[^'\n]+'|[^\s"'-][^\s"']*)/g,
  /(\bredis-cli\b[^\n|;&]{0,200}?[ \t](?:-a|--pass)[ \t]+)("[^"\n]+"|'[^'\n]+'|[^\s"'-][^\s"']*)/g,
  /(\bldap\w+\b[^\n|;&]{0,200}?[ \t]-w[ \t]*)("[^"\n]+"|'[^'\n]+'|[^\s"'-][^\s"']*)/g,
  /(\b(?:sqlcmd|bcp|zip|unzip)\b[^\n|;&]{0,200}?[ \t]-P[ \t]*)("[^"\n]+"|'[^'\n]+'|[^\s"'-][^\s"']*)/g,
  /(\b(?:curl|wget|http|https)\b[^\n|;&]{0,200}?[ \t](?:-u|--user|-U|--proxy-user)[ =\t]*["']?[^\s:"']{1,200}:)([^\s"']+)/g,
  /(\bhtpasswd\b[ \t]+-\w*b\w*[ \t]+\S{1,200}[ \t]+\S{1,200}[ \t]+)(\S+)/g,
  /(-pass(?:in|out)?[ \t]+["']?pass:)([^\s"']+)/g,
  // The user data of a machine, and what docker keeps of registries.
  /(\bUserData["']?[ \t]*:[ \t]*["']?)([A-Za-z0-9+/]{40,}={0,2})/g,
  /(\\?"auth\\?"\s*:\s*\\?")([\w+/]{8,}={0,2})/g,
];

/** Finds secrets by the name that stands before them. Groups: what stays before, the name in it, the secret. */
const named: readonly RegExp[] = [
  /("([\w./ -]{1,100})"\s{0,20}:\s{0,20}")((?:[^"\\]|\\.)+)/g,
  /(\\"([\w./ -]{1,100})\\"\s{0,20}:\s{0,20}\\")((?:[^"\\]|\\[^"])+)/g,
  /(\\?"([\w./ -]{1,100})\\?"\s{0,20}:\s{0,20})(\d{4,})/g,
  /([{,]\s{0,50}([\w.-]{1,100})\s{0,20}:\s{1,20})("[^"\n]+"|'[^'\n]+'|[^\s,{}[\]"']+)/g,
  /((?:^|[\s"'])--?([a-z][\w.-]{0,80})[ \t]{1,20})("[^"\n]+"|'[^'\n]+'|[^\s"'-][^\s"']*)/gi,
  /((?<![\w.-])([\w.-]{1,300})(?:\[\d{1,6}\])?: (?:Invalid|Unsupported|Duplicate) value: )("(?:[^"\\]|\\.)*"|[^\s:]+)/g,
];

const assignment = /((?:^|[\s;&?,"'`([{|:])(?:--?)?([\w.%-]{2,100})=)("[^"\n]*"|'[^'\n]*'|[^\s"'&;,|)\]}`]+)/g;

/** The text with another in place of each secret that its shape or its name gives away; a reference to a secret is none. */
export function replaceShapes(text: string, substitute: Substitute): string {
  const instead = (secret: string): string => (isHarmless(unquoted(secret)) ? secret : within(secret, substitute));
  let shown = text;
  for (const shape of shapes)
    shown = shown.replace(shape, (_, before: string, secret: string, after: unknown) => {
      return `${before}${instead(secret)}${typeof after === 'string' ? after : ''}`;
    });
  for (const pattern of named)
    shown = shown.replace(pattern, (all: string, before: string, name: string, secret: string) =>
      isSecretName(name) && !/^(?:no|without|disable)-/.test(name) ? `${before}${instead(secret)}` : all,
    );
  return replaceAssigned(shown, instead, 3);
}

/** In what is assigned may be assignments, as in `--set=auth.password=x`; so deep at most. */
function replaceAssigned(text: string, instead: Substitute, depth: number): string {
  return text.replace(assignment, (_, before: string, name: string, value: string) =>
    isSecretName(name)
      ? `${before}${instead(value)}`
      : `${before}${depth > 0 && value.includes('=') ? replaceAssigned(value, instead, depth - 1) : value}`,
  );
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value;
}

/** Quotes around a secret stay. */
function within(secret: string, substitute: Substitute): string {
  const [, quote, inner] = /^(["'])(.+)\1$/s.exec(secret) ?? [];
  return quote === undefined || inner === undefined ? substitute(secret) : `${quote}${substitute(inner)}${quote}`;
}
