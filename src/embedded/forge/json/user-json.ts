import type { Row } from '../forge-tables.ts';
import type { ForgeUrls } from '../forge-urls.ts';
import type { GithubJson } from './github-json.ts';
import { nodeId } from './node-id.ts';

export function userJson(urls: ForgeUrls, user: Row<'users'>): GithubJson<'simple-user'> {
  return {
    login: user.login,
    id: user.id,
    node_id: nodeId('User', user.id),
    avatar_url: '',
    gravatar_id: '',
    url: urls.user(user.login),
    html_url: urls.page(user.login),
    type: user.type,
    site_admin: false,
  };
}
