/**
 * react-aria-components writes one `<style>` into the page, which the page's policy forbids and reports, unless it finds
 * its own by its id. What is in it is among the styles of this kit.
 */

const ID = "react-aria-pressable-style";

if (!document.getElementById(ID)) {
  const mark = document.createElement("meta");
  mark.id = ID;
  document.head.append(mark);
}
