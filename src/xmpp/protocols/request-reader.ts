import type { Element } from 'ltx';
import type { IqRequest } from '../../core/envelope.ts';

/**
 * Reads the child of an IQ request whose namespace it is registered for. `undefined`: the
 * namespace has no such element, or not with this type.
 */
export type RequestReader = (child: Element, type: 'get' | 'set') => IqRequest | undefined;
