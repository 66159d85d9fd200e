/** Where things of the forge are found; one base for pages and git, `/api/v3` for the API, as GitHub Enterprise has it. */
export class ForgeUrls {
  /** Known once the forge listens. */
  root = '';

  get api(): string {
    return `${this.root}/api/v3`;
  }

  user(login: string): string {
    return `${this.api}/users/${login}`;
  }

  repository(fullName: string): string {
    return `${this.api}/repos/${fullName}`;
  }

  pull(fullName: string, number: number): string {
    return `${this.repository(fullName)}/pulls/${number}`;
  }

  issue(fullName: string, number: number): string {
    return `${this.repository(fullName)}/issues/${number}`;
  }

  commit(fullName: string, sha: string): string {
    return `${this.repository(fullName)}/commits/${sha}`;
  }

  page(...path: (string | number)[]): string {
    return [this.root, ...path].join('/');
  }

  git(fullName: string): string {
    return `${this.root}/${fullName}.git`;
  }
}
