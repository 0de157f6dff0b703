// Statements for Go, one crossing each. Every value that Go holds of JavaScript, and
// every call, costs microseconds: a row of twenty columns, taken cell by cell, cost
// more than its query. So a result goes over as one piece of bytes, in the form
// that relay/cf/rows.go reads:
//
//	u32 columns, u32 rows, the columns' names, then cell by cell:
//	0                          null
//	1 float64                  number
//	2 u32 length, UTF-8        text, and each name
//	3 u32 length, bytes        blob
//
// All little-endian.

const utf8 = new TextEncoder();

/** Bytes being written; what is returned is overwritten by the next result. */
class Bytes {
	constructor() {
		this.size = 0;
		this.bytes = new Uint8Array(1 << 12);
		this.view = new DataView(this.bytes.buffer);
	}

	/** @param {number} n bytes that shall fit behind what is there */
	room(n) {
		if (this.size + n <= this.bytes.length) return;
		const grown = new Uint8Array(2 * (this.size + n));
		grown.set(this.bytes.subarray(0, this.size));
		this.bytes = grown;
		this.view = new DataView(grown.buffer);
	}

	/** @param {number} n */
	u32(n) {
		this.room(4);
		this.view.setUint32(this.size, n, true);
		this.size += 4;
	}

	/** @param {string} s */
	text(s) {
		this.room(5 + 3 * s.length);
		const from = this.size + 5;
		const written = this.ascii(s, from) ? s.length : utf8.encodeInto(s, this.bytes.subarray(from)).written;
		this.bytes[this.size] = 2;
		this.view.setUint32(this.size + 1, written, true);
		this.size = from + written;
	}

	/**
	 * Writes s, if it is what nearly all texts here are: for them a loop is faster
	 * than a call to the platform.
	 * @param {string} s
	 * @param {number} at
	 */
	ascii(s, at) {
		for (let i = 0; i < s.length; i++) {
			const c = s.charCodeAt(i);
			if (c > 127) return false;
			this.bytes[at + i] = c;
		}
		return true;
	}

	/** @param {SqlValue} v */
	cell(v) {
		this.room(9);
		if (v === null) {
			this.bytes[this.size++] = 0;
		} else if (typeof v === "number") {
			this.bytes[this.size] = 1;
			this.view.setFloat64(this.size + 1, v, true);
			this.size += 9;
		} else if (typeof v === "string") {
			this.text(v);
		} else {
			this.bytes[this.size++] = 3;
			this.u32(v.byteLength);
			this.room(v.byteLength);
			this.bytes.set(new Uint8Array(v), this.size);
			this.size += v.byteLength;
		}
	}
}

/**
 * What Go calls, over one object's storage.
 * @param {SqlStorage} sql
 */
export function statements(sql) {
	const out = new Bytes();
	return {
		/**
		 * Runs a statement and returns how many rows it changed. The cursor's own
		 * rowsWritten counts rows of indexes too.
		 * @param {string} text
		 * @param {SqlValue[]} args
		 */
		exec(text, ...args) {
			sql.exec(text, ...args).toArray();
			return sql.exec("SELECT changes() AS n").one().n;
		},

		/**
		 * Runs a statement and returns what it yields.
		 * @param {string} text
		 * @param {SqlValue[]} args
		 */
		query(text, ...args) {
			const cursor = sql.exec(text, ...args);
			const rows = cursor.raw().toArray();
			out.size = 0;
			out.u32(cursor.columnNames.length);
			out.u32(rows.length);
			for (const name of cursor.columnNames) out.cell(name);
			for (const row of rows) for (const v of row) out.cell(v);
			return out.bytes.subarray(0, out.size);
		},
	};
}
