const form =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]([0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[+-]([0-9]{2}:[0-9]{2}))| ([0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2})(?:[.,][0-9]+)?)?$/;

/** Whether it is a date, or a date and time, as yaml.v2 takes it. */
export function isTimestamp(text: string): boolean {
  const match = form.exec(text);
  if (match === null) return false;
  const [, year = '', month = '', day = '', zonedTime, zone = '', time = zonedTime ?? ''] = match;
  const [hour = 0, minute = 0, second = 0] = time === '' ? [] : time.split(':').map(Number);
  const [zoneHours = 0, zoneMinutes = 0] = zone === '' ? [] : zone.split(':').map(Number);
  if (hour > 23 || minute > 59 || second > 59 || zoneHours > 24 || zoneMinutes > 59) return false;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return Number(month) >= 1 && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
