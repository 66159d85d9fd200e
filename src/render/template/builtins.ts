import type { ByteString } from './byte-string.ts';
import { equals, isLess, isLessOrEqual } from './compare.ts';
import { escapeHtml, escapeJs, escapeUrlQuery } from './escape.ts';
import { ANY, type Functions, type GoFunction, type ParameterType, STRING } from './go-type.ts';
import { typeOf, type Value } from './go-value.ts';
import { indexValue, length, sliceValue } from './indexing.ts';
import { sprint, sprintf, sprintln } from './printf.ts';
import { indirect, indirectInterface, isTrue } from './reflect.ts';
import { CallError } from './template-error.ts';

/**
 * The functions that every template has. `and`, `or` and `call` stand here for their signatures: the evaluator does them,
 * because they don't evaluate all arguments, or need to know their names.
 */
export const builtins: Functions = new Map<string, GoFunction>([
  ['and', variadic(['value'], 'value', unreachable)],
  ['or', variadic(['value'], 'value', unreachable)],
  ['call', variadic(['value'], 'value', unreachable)],
  ['html', printing(escapeHtml)],
  ['js', printing(escapeJs)],
  ['urlquery', printing(escapeUrlQuery)],
  ['index', variadic(['value'], 'value', ([item, ...indexes]) => indexValue(item, indexes))],
  ['slice', variadic(['value'], 'value', ([item, ...indexes]) => sliceValue(item, indexes))],
  ['len', fixed(['value'], ([item]) => length(item))],
  ['not', fixed(['value'], ([value]) => !isTrue(indirectInterface(value)))],
  ['print', variadic([], ANY, (values) => sprint(values))],
  ['printf', variadic([STRING], ANY, ([format, ...values]) => sprintf(String(format), values))],
  ['println', variadic([], ANY, (values) => sprintln(values))],
  ['eq', variadic(['value'], 'value', ([first, ...others]) => equals(first, others))],
  ['ne', comparison((left, right) => !equals(left, [right]))],
  ['lt', comparison(isLess)],
  ['le', comparison(isLessOrEqual)],
  ['gt', comparison((left, right) => !isLessOrEqual(left, right))],
  ['ge', comparison((left, right) => !isLess(left, right))],
]);

function fixed(params: readonly ParameterType[], call: GoFunction['call']): GoFunction {
  return { params, call };
}

function variadic(params: readonly ParameterType[], rest: ParameterType, call: GoFunction['call']): GoFunction {
  return { params, rest, call };
}

function comparison(compare: (left: Value, right: Value) => boolean): GoFunction {
  return fixed(['value', 'value'], ([left, right]) => compare(left, right));
}

/** On all arguments, printed as an action would print them. */
function printing(escapeText: (text: ByteString) => ByteString): GoFunction {
  return variadic([], ANY, (values) => escapeText(sprint(values.map(printable))));
}

/** What an action prints of a value. */
export function printable(value: Value): Value {
  const { value: item } = indirect(value);
  return item === undefined ? '<no value>' : item;
}

function unreachable(): never {
  throw new Error('and, or and call are done by the evaluator');
}

/** `call`: none of the values that templates see is a function. */
export function refuseCall(name: ByteString, callee: Value): never {
  const value = indirectInterface(callee);
  if (value === undefined) throw new CallError('call of nil');
  throw new CallError(`non-function ${name} of type ${typeOf(value).name}`);
}
