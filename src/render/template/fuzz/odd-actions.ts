import type { ByteString } from '../byte-string.ts';

/** What stands nowhere, or not everywhere, or is written in an unusual way; apart by two spaces. */
const rows = [
  'end  else  else if true  else with .s  break  continue  break 1  end 1  else 1  if  with  range  range .s  range .f',
  'template  template t  template "t" . .  define  define "x"  define x  block  block "x"  nil  .nil  (nil).x  nil | print',
  'print(1)  print (1)(2)  (print)  print|print  print | (print)  1|print  $a, $b := 1  $a,$b := .list  $x:=1  true.x',
  `.  ..  . .  .s.  .s .s  $  $.  $$  $x.  "a""b"  1 2  -1  - 1  +  1.  .1.2  0x  ''  'ab'  (1).x  ("s").x  true false`,
  '/* a */  /* a  a */  print /* a */ 1  `a  "a  range $i := 3  range $i, $e := 3  range $i, := 3  range $i, 3  range 1.5',
  'range .nil  range .none  print "\\q"  print \t1  print\r\n1  print \xc2\xa01  print \x0b1  pr\xc3\xadnt 1  _  _x  .x-y',
  '.x/y  a.b  len.s',
];

export const oddActions: readonly ByteString[] = rows.flatMap((row) => row.split('  '));
